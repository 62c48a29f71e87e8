"""Whether an audit names the equation and the edit that were planted.

Two edits are one where both edited cells are equal as functions, at random points of all parameters. Some faults are
none: the cell with the fault is the cell with its parameters under other names. Of these, and of explanations that
fit under other names of the parameters, the claim is tried: weights are converted by the layout that the audit gives,
and the interpreter of the equations must then return what the implementation does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from lstmspec.auditor import Audit, audit
from lstmspec.checker import check
from lstmspec.language import System
from lstmspec.nodes import names_in

from .faults import Fault, declared, line
from .implement import computed, module, sizes_of
from .rules import KINDS

SAME, EQUAL, RENAMED, NONE = "same", "equal", "renamed", "no fault"
WRONG, UNEXPLAINED, NOT_SEEN, IMPOSSIBLE = "wrong", "unexplained", "not seen", "not audited"
RIGHT = (SAME, EQUAL, RENAMED)
CLOSE = 1e-9
STEPS = 4
Auditor = Callable[[System, torch.nn.Module], Audit]


@dataclass(frozen=True)
class Score:
    """One fault with what an audit says of it.

    Attributes:
        verdict: `same` equation and edit; `equal` as a function to what was planted; `renamed`: equal once parameters
            have other names; `no fault`, when the cell itself is; or what is wrong.
        said: The audit's own words.
        seconds: How long it took.

    """

    fault: Fault
    verdict: str
    said: str
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the fault was found."""
        return self.verdict in RIGHT


@dataclass
class Report:
    """All scores."""

    scores: list[Score] = field(default_factory=list)

    @property
    def counted(self) -> list[Score]:
        """Those of faults that are some."""
        return [score for score in self.scores if score.verdict != NONE]

    @property
    def misses(self) -> list[Score]:
        """Those that are not right."""
        return [score for score in self.counted if not score.is_right]

    @property
    def share(self) -> float:
        """The share that is right."""
        return 1 - len(self.misses) / max(1, len(self.counted))

    def by(self, key: Callable[[Fault], str]) -> Mapping[str, list[Score]]:
        """The scores by kind, or by cell."""
        found: dict[str, list[Score]] = {}
        for score in self.scores:
            found.setdefault(key(score.fault), []).append(score)
        known = list(KINDS)
        return dict(sorted(found.items(), key=lambda row: known.index(row[0]) if row[0] in known else 0))


def tried(faults: Iterable[Fault], auditor: Auditor = audit, step: Callable[[], None] = lambda: None) -> Report:
    """The report on these faults."""
    report = Report()
    for fault in faults:
        report.scores.append(scored(fault, auditor))
        step()
    return report


def scored(fault: Fault, auditor: Auditor = audit) -> Score:
    """One fault, implemented and audited without being told where a parameter lies."""
    theirs = module(fault.implemented)
    start = time.perf_counter()
    report = auditor(fault.original, theirs)
    seconds = time.perf_counter() - start
    said = "; ".join(finding.message for finding in report.findings) or "it agrees"
    if report.edits:
        said = f"{report.edits[-1]}: {report.edits[-1].line}"
    return Score(fault, _verdict(fault, report, theirs), said, seconds)


def _verdict(fault: Fault, report: Audit, theirs: torch.nn.Module) -> str:
    if report.edits:
        edit = report.edits[-1]
        if len(report.edits) == 1 and edit.equation == fault.equation and edit.line == fault.line:
            return SAME
        if _equal(fault, edit.system):
            return EQUAL
        if not _explains(report, edit.system, theirs):
            return WRONG
        return EQUAL if edit.equation == fault.equation else RENAMED
    if not report.errors:
        return UNEXPLAINED if report.sizes else IMPOSSIBLE
    # "It agrees" is right of what is the cell under other names of its parameters.
    return NONE if _equal(fault, declared(fault.original)) or _explains(report, fault.original, theirs) else NOT_SEEN


def _equal(fault: Fault, found: System) -> bool:
    """Whether a cell is the one with the fault, as a function of parameters of the same names."""
    sizes, rng = sizes_of(fault.original), np.random.default_rng(5)
    own, others = (
        {name: tuple(size.at(sizes) for size in symbol.shape or () if size) for name, symbol in system.symbols.items()}
        for system in (fault.system, found)
    )
    read = {name for equation in found.equations.values() for name in names_in(equation.expr)}
    if any(own.get(name) != others[name] for name in found.parameters if name in read):
        return False  # it has parameters that the implementation lacks
    for _ in range(3):
        at = {name: rng.normal(0.1, 0.7, shape) for name, shape in {**others, **own}.items()}
        inputs = {name: rng.normal(0.1, 0.9, (STEPS, *own[name])) for name in fault.original.inputs}
        states = {name: rng.normal(0.1, 0.9, own[name]) for name in fault.original.states}
        if not _close(computed(fault.system, at, inputs, states, sizes), computed(found, at, inputs, states, sizes)):
            return False
    return True


def _explains(report: Audit, system: System, theirs: torch.nn.Module) -> bool:
    """Whether an edited cell computes what the module does, with weights converted as the audit says."""
    if report.layout is None:
        return False
    sizes, rng = dict(report.sizes), np.random.default_rng(6)
    with torch.no_grad():
        for value in theirs.parameters():
            value.copy_(torch.from_numpy(rng.normal(0.1, 0.7, tuple(value.shape))))
    theirs = theirs.double()
    arrays = {array.name: dict(theirs.named_parameters())[array.name] for array in report.layout.arrays}
    at = report.layout.to_spec(arrays)
    shapes = {name: tuple(s.at(sizes) for s in shape) for name, shape in check(report.system).require().of.items()}
    inputs = {name: rng.normal(0.1, 0.9, (STEPS, *shapes[name])) for name in report.system.inputs}
    states = {name: rng.normal(0.1, 0.9, shapes[name]) for name in report.system.states}
    own = [torch.from_numpy(value)[:, None] for value in inputs.values()]
    first = [torch.from_numpy(value)[None, None] for value in states.values()]
    with torch.no_grad():
        y, last = theirs(*own, first[0] if len(first) == 1 else tuple(first))
    found = [y[:, 0].numpy(), *(value[0, 0].numpy() for value in (last if isinstance(last, tuple) else (last,)))]
    return _close(found, computed(system, at, inputs, states, sizes))


def _close(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return all(
        a.shape == b.shape and np.abs(a - b).max() <= CLOSE * max(1, np.abs(b).max())
        for a, b in zip(left, right, strict=True)
    )


def described(score: Score) -> str:
    """A miss in full."""
    fault = score.fault
    before = line(fault.original, fault.equation)
    return f"{score.verdict}: {fault}\n    audit: {score.said} ({score.seconds:.1f} s)\n    cell: {before}"
