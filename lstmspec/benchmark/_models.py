"""The generated models: what run-time checks cost (part c), and their speed beside torch.nn.LSTM (part d)."""

import statistics
from collections.abc import Iterator, Mapping

import torch
from jaxtyping import config

from .pairs import NUMPY, THEIRS, TORCH, Row, generated, pair, verify
from .timing import Plan, Result, Work, agree, excess, medians, turns

CHECKED: Row = (100, 32, 128, 128)
QUICK_CHECKED: Row = (10, 2, 5, 7)
TINY: Row = (2, 3, 5, 7)  # hardly a forward pass, so that its check, the same at any size, stands out
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


def checks(plan: Plan) -> Iterator[Result]:
    """Run-time checks as a share of a forward pass: with and without by turns, and the bare check."""
    row = plan.pick(CHECKED, QUICK_CHECKED)
    with generated() as modules, torch.no_grad():
        full, tiny = (pair(modules, size, torch.float32).forward for size in (row, TINY))
        for name in (TORCH, NUMPY):
            plan.step(f"{name} with checks")
            on, off = switched(full[name], plan.pick(300, 3))
            plan.step(f"check of {name}")
            alone = excess(*switched(tiny[name], plan.pick(3000, 3)))
            forward, more = statistics.median(off), excess(on, off)
            yield Result("c", f"{row} without checks: {name}", forward)
            for what, ms, extra in (("with checks", statistics.median(on), more), ("bare check", alone, alone)):
                holds = plan.claim(extra <= SHARE * forward)
                yield Result("c", f"{row} {what}: {name}", ms, 100 * extra / forward, "% of the forward pass", holds)


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


def speeds(plan: Plan) -> Iterator[Result]:
    """Forward, and forward with backward, beside torch.nn.LSTM with the same weights."""
    repeats = plan.pick(15, 3)
    with generated() as modules:
        verify(pair(modules, (7, 2, 3, 5), torch.float64), EXACT)
        for row in plan.pick(ROWS, QUICK_ROWS):
            both = pair(modules, row, torch.float32)
            verify(both, SINGLE)
            plan.step(f"forward at {row}")
            with torch.no_grad():
                yield from compared(f"{row} forward", medians(both.forward, repeats))
            plan.step(f"forward+backward at {row}")
            yield from compared(f"{row} forward+backward", medians(both.training, repeats))


def compared(what: str, found: Mapping[str, float]) -> Iterator[Result]:
    """A line for each; the ratio is how many times the time of torch.nn.LSTM it takes."""
    for name, ms in found.items():
        yield Result("d", f"{what}: {name}", ms, ms / found[THEIRS], f"of {THEIRS}")
