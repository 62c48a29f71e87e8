"""What a cell computes, by the slow evaluation of its equations: values, and derivatives along random directions.

Derivatives come from values alone. The first is a complex step, which cancels nothing: dL/du = Im L(at + iεu) / ε. The
second is that of complex steps, by central differences of order 8; an estimate counts when the next step, a tenth of
its own, confirms it: where a kink or a pole is near by, none of the larger steps does.

W. Squire, G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from .. import oracle
from ..emit import Case
from ._compare import difference

EPS = 1e-30  # of a complex step
EPSILON = 2.0**-52
STEADY = 1e-12  # of results, for arguments that are rounded another way
STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # of central differences, for directions of length 1
CENTRAL = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}  # weights of f(x + jh) - f(x - jh), order 8

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Slope:
    """A derivative along a direction of one argument.

    Attributes:
        name: The argument; of the second derivatives a cotangent as well.
        direction: An array like it, of length 1.
        estimates: Of the derivative, each from a smaller step than the one before; exact where there is one alone.

    """

    name: str
    direction: Any
    estimates: tuple[Callable[[], float], ...]

    def value(self, scale: float, tolerance: float) -> float | None:
        """The derivative; None where no two estimates agree, relative to the larger of them and the scale."""
        before = self.estimates[0]()
        for estimate in self.estimates[1:]:
            now = estimate()
            if abs(now - before) <= tolerance * max(scale, abs(now)):
                return now
            before = now
        return before if len(self.estimates) == 1 else None


class Reference:
    """The oracle's view of a case.

    Args:
        case: The data.
        directions: How many along each argument.

    """

    def __init__(self, case: Case, directions: int = 3) -> None:
        self.case = case
        self.directions = directions

    @functools.cached_property
    def results(self) -> dict[str, Any]:
        """Outputs and last states."""
        return results(self.case)

    @functools.cached_property
    def is_usable(self) -> bool:
        """Whether there is something to compare with: numbers everywhere, which rounding errors do not outgrow.

        Numbers are results, all that leads to them, even in a branch not taken, and slopes: the derivative of a branch
        not taken is a product with zero, which is no number where the other factor is none. Errors outgrow results
        where the steps are chaotic, as those of `mod` by ever smaller numbers.
        """
        try:
            found = [*results(self.case, errors="raise").values(), *(slope.estimates[0]() for slope in self.slopes)]
        except FloatingPointError:
            return False
        if not all(np.all(np.isfinite(value)) for value in found):
            return False
        return difference(results(_shaken(self.case)), self.results).error <= STEADY

    @functools.cached_property
    def slopes(self) -> tuple[Slope, ...]:
        """Derivatives of the loss <d, results>."""
        made = [(name, u, _derivative(self.case, {name: u})) for name, u in _along(self.case.at, self.directions)]
        return tuple(Slope(name, u, (_known(value),)) for name, u, value in made)

    @functools.cached_property
    def second_slopes(self) -> tuple[Slope, ...]:
        """Derivatives of <v, gradient of the loss>, and by the cotangents."""
        found = [self._second(name, u) for name, u in _along(self.case.at, self.directions)]
        for name, w in _along(self.case.d, self.directions):
            value = _derivative(_seeded(self.case, name, w), self.case.v)  # it is linear in the cotangents
            found.append(Slope(name, w, (_known(value),)))
        return tuple(found)

    def _second(self, name: str, u: Any) -> Slope:
        def estimate(step: float) -> float:
            def probed(by: float) -> float:
                return _derivative(_moved(self.case, {name: u}, by), self.case.v)

            return sum(w * (probed(j * step) - probed(-j * step)) for j, w in CENTRAL.items()) / step

        return Slope(name, u, tuple(functools.cache(functools.partial(estimate, step)) for step in STEPS))


def results(case: Case, errors: Literal["ignore", "raise"] = "ignore") -> dict[str, Any]:
    """Outputs and last states, by the slow evaluation of the equations.

    Raises:
        FloatingPointError: something is no finite number, and `errors` is "raise".

    """
    system = case.system
    parameters = {**case.take(system.parameters), **case.constants}
    with np.errstate(divide=errors, invalid=errors, over=errors, under="ignore"):
        outputs, finals = oracle.sequence(
            system, parameters, case.take(system.inputs), case.take(system.states), case.sizes
        )
    return {"output": outputs} | {f"{name}.next": value for name, value in finals.items()}


def loss(case: Case) -> complex:
    """The scalar product of cotangents and results."""
    return complex(sum(np.sum(case.d[name] * value) for name, value in results(case).items()))


def _known(value: float) -> Callable[[], float]:
    return lambda: value


def _derivative(case: Case, direction: Arrays) -> float:
    return loss(_moved(case, direction, EPS * 1j)).imag / EPS


def _moved(case: Case, direction: Arrays, by: complex) -> Case:
    return case.with_(**{name: case.at[name] + by * value for name, value in direction.items()})


def _shaken(case: Case) -> Case:
    """The case with every argument rounded another way."""
    random = np.random.default_rng(3)
    return case.with_(**{n: v * (1 + EPSILON * random.choice([-1, 1], np.shape(v))) for n, v in case.at.items()})


def _seeded(case: Case, name: str, seed: Any) -> Case:
    """The case with this cotangent alone."""
    return replace(case, d={other: seed if other == name else np.zeros_like(value) for other, value in case.d.items()})


def _along(arrays: Arrays, count: int, seed: int = 5) -> list[tuple[str, Any]]:
    """Random directions of length 1, so many along each array alone."""
    random = np.random.default_rng(seed)
    drawn = [(name, random.normal(0.2, 1, np.shape(value))) for name, value in arrays.items() for _ in range(count)]
    return [(name, np.asarray(u / np.sqrt(np.sum(u**2)))) for name, u in drawn]
