"""Whether an audit names the equation and the edit that were planted.

Two edits are one where both edited cells are equal as functions. Some faults are none: the cell with the fault is the
cell with its parameters under other names. Of these, and of explanations that fit under other names of the parameters,
the claim is tried: weights are converted by the layout that the audit gives, and the interpreter of the equations must
then return the same as the implementation.
"""

from __future__ import annotations

import enum
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch

from ..auditor import Audit, audit
from ..checker import explicit
from ..language import System
from ..mutation import percent
from ._equality import explains, is_equal
from ._faults import Fault, line
from ._implementation import module
from ._rules import KINDS

LEAST_RIGHT = 0.95  # the share of faults of which the audit must be right
Auditor = Callable[[System, torch.nn.Module], Audit]


class Outcome(enum.StrEnum):
    """An audit's answer to a planted fault."""

    SAME = "same"  # equation and edit as planted
    EQUAL = "equal"  # as a function to the planted one
    RENAMED = "renamed"  # that, once parameters have other names
    NONE = "no fault"  # it agrees, and the cell itself is implemented
    WRONG = "wrong"
    UNEXPLAINED = "unexplained"
    NOT_SEEN = "not seen"
    IMPOSSIBLE = "not audited"


RIGHT = (Outcome.SAME, Outcome.EQUAL, Outcome.RENAMED)


@dataclass(frozen=True)
class Score:
    """One fault, the audit's answer, in its own words too, and the seconds that it took."""

    fault: Fault
    outcome: Outcome
    said: str
    seconds: float

    def __str__(self) -> str:
        fault = self.fault
        before = line(fault.original, fault.equation)
        return f"{self.outcome}: {fault}\n    audit: {self.said} ({self.seconds:.1f} s)\n    cell: {before}"


@dataclass
class Scores:
    """All scores."""

    scores: list[Score] = field(default_factory=list)

    @property
    def counted(self) -> list[Score]:
        """Those of faults that are some."""
        return [score for score in self.scores if score.outcome is not Outcome.NONE]

    @property
    def misses(self) -> list[Score]:
        """Those that are not right."""
        return [score for score in self.counted if score.outcome not in RIGHT]

    @property
    def share(self) -> float:
        """The share that is right."""
        return 1 - len(self.misses) / max(1, len(self.counted))

    @property
    def median(self) -> float:
        """The median time of an audit, in seconds."""
        return statistics.median(score.seconds for score in self.scores) if self.scores else 0.0

    @property
    def summary(self) -> str:
        """The numbers in a line."""
        total = len(self.counted)
        right = total - len(self.misses)
        return (
            f"{total} faults planted: equation and edit named for {right} ({percent(right, total)}, at least "
            f"{100 * LEAST_RIGHT:.0f} %); {len(self.scores) - total} more are none; the median audit took "
            f"{self.median:.1f} s"
        )

    def count(self, outcome: Outcome) -> int:
        """The number of scores with an outcome."""
        return sum(score.outcome is outcome for score in self.scores)

    def by(self, key: Callable[[Fault], str]) -> Mapping[str, Scores]:
        """The scores by kind, in the order of kinds, or by cell."""
        found: dict[str, Scores] = {}
        for score in self.scores:
            found.setdefault(key(score.fault), Scores()).scores.append(score)
        known = list(KINDS)
        return dict(sorted(found.items(), key=lambda row: known.index(row[0]) if row[0] in known else 0))


def tried(faults: Iterable[Fault], auditor: Auditor = audit, step: Callable[[], None] = lambda: None) -> Scores:
    """The scores of these faults; `step` is called after each."""
    report = Scores()
    for fault in faults:
        report.scores.append(scored(fault, auditor))
        step()
    return report


def scored(fault: Fault, auditor: Auditor = audit) -> Score:
    """One fault, implemented and audited; where a parameter lies is not told."""
    theirs = module(fault.implemented)
    start = time.perf_counter()
    report = auditor(fault.original, theirs)
    seconds = time.perf_counter() - start
    said = "; ".join(finding.message for finding in report.findings) or "it agrees"
    if report.edits:
        said = f"{report.edits[-1]}: {report.edits[-1].line}"
    return Score(fault, _outcome(fault, report, theirs), said, seconds)


def _outcome(fault: Fault, report: Audit, theirs: torch.nn.Module) -> Outcome:
    if not report.edits and not report.errors:
        return Outcome.UNEXPLAINED if report.sizes else Outcome.IMPOSSIBLE
    if not report.edits:
        # "It agrees" is right of a fault that is the cell under other names of its parameters.
        is_none = is_equal(fault, explicit(fault.original)) or explains(report, fault.original, theirs)
        return Outcome.NONE if is_none else Outcome.NOT_SEEN
    edit = report.edits[-1]
    if len(report.edits) == 1 and edit.equation == fault.equation and edit.line == fault.line:
        return Outcome.SAME
    if is_equal(fault, edit.system):
        return Outcome.EQUAL
    if not explains(report, edit.system, theirs):
        return Outcome.WRONG
    return Outcome.EQUAL if edit.equation == fault.equation else Outcome.RENAMED
