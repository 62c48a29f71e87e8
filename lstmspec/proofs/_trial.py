"""A model on trial: each check on each case, with no more excused than rounding explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..emit import Runner
from ._checks import CHECKS, EXACT, Check, NotSmooth
from ._compare import Difference, difference
from ._reference import Reference

SINGLE = 2.0**-29  # rounding errors of float64 in those of float32
ROUNDED = 30.0  # so many times what single precision says of a case is allowed
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
    except Exception as error:  # of generated code, whatever it is
        said = next(iter(str(error).splitlines()), "")
        return Measured(Difference(np.inf, f"it raises {type(error).__name__}: {said}"), check.bound)
    try:
        found = check.compare(values, reference)
        return _excused(
            found, check.bound, lambda: check.compare(_single(check, steady or runner, reference), reference)
        )
    except NotSmooth:
        return Measured(Difference(), np.inf)


def beside(check: Check, runner: Runner, other: Runner, reference: Reference) -> Measured:
    """What a model computes beside what another one does."""
    expected = check.run(other, reference.case)
    found = difference(check.run(runner, reference.case), expected)
    return _excused(found, EXACT, lambda: difference(_single(check, runner, reference), expected))


def _excused(found: Difference, bound: float, in_single: Callable[[], Difference]) -> Measured:
    """A difference with its bound, a larger one where single precision shows that rounding matters more."""
    if found.error <= bound or found.error == np.inf:
        return Measured(found, bound)
    rounding = in_single().error
    return Measured(found, bound if rounding == np.inf else max(bound, ROUNDED * SINGLE * rounding))


def _single(check: Check, runner: Runner, reference: Reference) -> dict[str, Any]:
    """What a model computes in single precision."""
    with np.errstate(all="ignore"):
        return check.run(runner, reference.case.astype(np.float32))


def fails(runner: Runner, good: Runner, references: Sequence[Reference], checks: Sequence[Check]) -> bool:
    """Whether a model that should compute what a good one does fails a check on a case."""
    for reference in references:
        for check in checks:
            with np.errstate(all="ignore"):
                found = measured(check, runner, reference, good)
            if found.usable and not found.agrees:
                return True
    return False


def without_effect(runner: Runner, good: Runner, references: Sequence[Reference], checks: Sequence[Check]) -> bool:
    """Whether a model computes what another one does but for rounding, on all cases."""
    found = (beside(check, runner, good, reference) for reference in references for check in checks)
    return all(one.agrees or not one.usable for one in found)


def checks_of(procedure: str) -> tuple[Check, ...]:
    """The checks that run a procedure, those that show most of it first."""
    return tuple(check for check in CHECKS if procedure in check.passes)
