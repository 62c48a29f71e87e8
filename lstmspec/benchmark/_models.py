"""The generated models: what run-time checks cost (part c), and their speed beside a library's module (part d)."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import config

from ._counterpart import Row
from ._pairs import pair, verify
from ._subject import Subject
from ._timing import Plan, Timing, Work, agree, excess, medians, turns

CHECKED: Row = (100, 32, 128, 128)
QUICK_CHECKED: Row = (10, 2, 5, 7)
TINY: Row = (2, 3, 5, 7)  # hardly a forward pass, so that its check, the same at any size, stands out
EXACTLY: Row = (7, 2, 3, 5)  # where float64 is compared
ROWS: tuple[Row, ...] = (
    (32, 1, 32, 32),
    (64, 16, 64, 64),
    (100, 32, 128, 128),
    (100, 32, 256, 256),
    (512, 1, 256, 256),
)
QUICK_ROWS: tuple[Row, ...] = ((8, 2, 5, 7), (16, 2, 11, 13))
SHARE = 0.05  # the claim: run-time checks, of a forward pass
EXACT, SINGLE = 1e-12, 2e-4  # largest difference of values, relative to the largest: float64, float32


def checks(plan: Plan, subjects: Sequence[Subject]) -> Iterator[Timing]:
    """Run-time checks as a share of a forward pass: with and without by turns, and the bare check."""
    row = plan.pick(CHECKED, QUICK_CHECKED)
    for subject in subjects:
        models, tiny = (pair(subject, size, torch.float32).models for size in (row, TINY))
        for title, model in models.items():
            name = f"{subject.cell.__name__}, {title}"
            plan.step(f"{name} with checks")
            on, off = switched(model.outputs, plan.pick(300, 3))
            plan.step(f"check of {name}")
            alone = excess(*switched(tiny[title].outputs, plan.pick(3000, 3)))
            forward, more = statistics.median(off), excess(on, off)
            yield Timing("c", f"{row} without checks: {name}", forward)
            for what, ms, extra in (("with checks", statistics.median(on), more), ("bare check", alone, alone)):
                holds = plan.claim(extra <= SHARE * forward)
                yield Timing("c", f"{row} {what}: {name}", ms, 100 * extra / forward, "% of the forward pass", holds)


def switched(forward: Work, repeats: int) -> tuple[list[float], list[float]]:
    """The times of a forward pass with run-time checks and without, by turns."""
    works = {"on": under(False, forward), "off": under(True, forward)}
    agree("outputs without checks", works["off"](), works["on"](), 0)
    found = turns(works, repeats)
    return found["on"], found["off"]


def under(disable: bool, function: Work) -> Work:
    """The same work with run-time checks turned off, or on."""

    def work() -> object:
        before = config.jaxtyping_disable
        config.update("jaxtyping_disable", disable)
        try:
            return function()
        finally:
            config.update("jaxtyping_disable", before)

    return work


def speeds(plan: Plan, subjects: Sequence[Subject]) -> Iterator[Timing]:
    """Forward, and forward with backward, beside a library's module with the same weights."""
    repeats = plan.pick(15, 3)
    for subject in subjects:
        verify(pair(subject, EXACTLY, torch.float64), EXACT)
        for row in plan.pick(ROWS, QUICK_ROWS):
            both = pair(subject, row, torch.float32)
            verify(both, SINGLE)
            name = f"{subject.cell.__name__} {row}"
            plan.step(f"{name} forward")
            yield from beside(f"{name} forward", medians(both.forward, repeats))
            plan.step(f"{name} forward+backward")
            yield from beside(f"{name} forward+backward", medians(both.both_passes, repeats))


def beside(what: str, found: Mapping[str, float]) -> Iterator[Timing]:
    """A line for each; the ratio is how many times the time of the first it takes, which is the library's."""
    theirs = next(iter(found))
    for name, ms in found.items():
        yield Timing("d", f"{what}: {name}", ms, ms / found[theirs], f"of {theirs}")
