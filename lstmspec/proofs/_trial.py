"""A model on trial: each check on each case, with no more excused than rounding explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..emit import Case, Runner
from ._checks import CHECKS, EXACT, Check, NotSmooth
from ._compare import Difference, difference
from ._reference import Reference

ULP = 1e-15  # by which arguments are moved to see how much rounding matters, relative
ROUNDED = 100.0  # so many times the effect of that may come of rounding inside
WORST = 1e-6  # where rounding alone explains more, nothing can be said


@dataclass(frozen=True)
class Measured:
    """A difference, what is allowed, and whether anything can be said at all."""

    difference: Difference
    bound: float

    @property
    def usable(self) -> bool:
        """Whether the case says anything."""
        return self.bound <= WORST

    @property
    def agrees(self) -> bool:
        """Whether the difference is within its bound."""
        return self.difference.error <= self.bound


def measured(check: Check, runner: Runner, reference: Reference, steady: Runner | None = None) -> Measured:
    """A check of a model on a case; how much rounding matters is that of `steady`, where it is another model."""
    try:
        values = check.run(runner, reference.case)
        found = check.compare(values, reference)
    except NotSmooth:
        return Measured(Difference(), np.inf)
    return _excused(found, check.bound, check, steady or runner, reference.case)


def beside(check: Check, runner: Runner, expected: Mapping[str, Any], reference: Reference) -> Measured:
    """What a model computes beside what another one does."""
    found = difference(check.run(runner, reference.case), expected)
    return _excused(found, EXACT, check, runner, reference.case)


def _excused(found: Difference, bound: float, check: Check, steady: Runner, case: Case) -> Measured:
    """A difference with its bound, a larger one where results go far when arguments move by rounding errors."""
    if found.error <= bound or found.error == np.inf:
        return Measured(found, bound)
    random = np.random.default_rng(0)
    at = {name: value * (1 + ULP * random.choice([-1, 1], np.shape(value))) for name, value in case.at.items()}
    moved = difference(check.run(steady, case.with_(**at)), check.run(steady, case))
    return Measured(found, bound if moved.error == np.inf else max(bound, ROUNDED * moved.error))


def fails(runner: Runner, good: Runner, references: Sequence[Reference], checks: Sequence[Check]) -> bool:
    """Whether a model that should compute what a good one does fails a check on a case, or cannot be run."""
    for reference in references:
        for check in checks:
            try:
                with np.errstate(all="ignore"):
                    found = measured(check, runner, reference, good)
            except Exception:  # whatever a wrong program raises
                return True
            if found.usable and not found.agrees:
                return True
    return False


def without_effect(runner: Runner, good: Runner, references: Sequence[Reference], checks: Sequence[Check]) -> bool:
    """Whether a model computes what another one does but for rounding, on all cases."""
    pairs = [(check.run(runner, r.case), check.run(good, r.case)) for r in references for check in checks]
    return all(difference(values, expected).error <= 1e-14 for values, expected in pairs)


def checks_of(procedure: str) -> tuple[Check, ...]:
    """The checks that run a procedure, those that show most of it first."""
    return tuple(check for check in CHECKS if procedure in check.passes)
