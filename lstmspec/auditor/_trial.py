"""Somebody else's code called in one form at one base point, beside the equations at the same point."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..convert import Part
from ._callee import Callee
from ._calls import Call, Data
from ._equations_run import Equations
from ._parts_and_slots import Array, Shape, Slot, as_matrix, upright
from ._tolerances import TOLERANCES, Expected, width


@dataclass(frozen=True)
class Base:
    """Values and nudges by shape. Vectors are zero where slots outnumber parts: two biases then count as one."""

    seed: int
    zero_vectors: bool

    def value(self, shape: Shape) -> Array:
        """The value of every slot of this shape; of its transpose it is the transpose."""
        if min(shape) == 1 and self.zero_vectors:
            return np.zeros(shape)
        return self._drawn(shape, 0, symmetric=True)

    def nudge(self, shape: Shape) -> Array:
        """The addition to one slot; that of the transpose is the transpose, but a square one is not symmetric."""
        return self._drawn(shape, 1, symmetric=False)

    def _drawn(self, shape: Shape, what: int, *, symmetric: bool) -> Array:
        low, high = sorted(shape)
        drawn = _numbers(self.seed, what, low, high, symmetric)
        return drawn if shape == (low, high) else drawn.T


@functools.lru_cache(maxsize=1024)
def _numbers(seed: int, what: int, low: int, high: int, symmetric: bool) -> Array:
    """Random numbers, drawn once: each slot of a shape has them, in each of hundreds of calls."""
    drawn = np.random.default_rng([seed, what, low, high]).normal(0.3, 0.6, (low, high))
    drawn = (drawn + drawn.T) / 2 if low == high and symmetric else drawn
    drawn.flags.writeable = False
    return drawn


class Trial:
    """Somebody else's code called in one form at one base point."""

    def __init__(self, code: Callee, call: Call, data: Data, base: Base, slots: Sequence[Slot]) -> None:
        self.code, self.call, self.data, self.base, self.slots = code, call, data, base, slots
        self.tolerance = TOLERANCES[8]

    @functools.cached_property
    def results(self) -> list[Array] | None:
        """Its results at the base point; None when it cannot be called so."""
        return self._called({slot: self.base.value(slot.shape) for slot in self.slots})

    @functools.cached_property
    def nudged(self) -> dict[Slot, list[Array]]:
        """Its results with each slot nudged by itself."""
        values = {slot: self.base.value(slot.shape) for slot in self.slots}
        found = {}
        for slot in self.slots:
            made = self._called({**values, slot: values[slot] + self.base.nudge(slot.shape)})
            found[slot] = made if made is not None else []
        return found

    def _called(self, values: Mapping[Slot, Array]) -> list[Array] | None:
        try:
            results = self.code(stored(self.code, values), self.call.arguments(self.data))
            self.tolerance = max(self.tolerance, TOLERANCES[width(results)])
        except Exception:  # whatever somebody else's code raises at this point
            return None
        return results if results and all(np.isfinite(result).all() for result in results) else None

    def expected(self, equations: Equations, nudged: Part | None = None, *, turned: bool = False) -> Expected:
        """The equations' results at the base point, or with one part nudged (by the transpose)."""
        start = self.call.start(self.data)
        key = (self.base, self.call.form.kind, nudged, turned)
        if key not in equations.moves:
            values = self._values(equations, nudged, turned=turned)
            results = equations.run(values, start.inputs, start.states)
            equations.moves[key] = Expected.of(self.call.expected(results, equations.system.output))
        return equations.moves[key]

    def _values(self, equations: Equations, nudged: Part | None, *, turned: bool) -> dict[Part, Array]:
        values: dict[Part, Array] = {}
        for sized in equations.parts:
            shape = upright(sized.shape)
            value = self.base.value(shape)
            if sized.part == nudged:
                value = value + (self.base.nudge(shape).T if turned else self.base.nudge(shape))
            values[sized.part] = value.reshape(sized.shape)
        return values


def stored(code: Callee, values: Mapping[Slot, Array]) -> dict[str, Array]:
    """The code's arrays with these values in their slots; what no slot has is zero."""
    found = {name: np.zeros(shape) for name, shape in code.shapes.items()}
    for slot, value in values.items():
        whole = found[slot.array]
        whole.reshape(as_matrix(whole.shape))[slot.rows, slot.columns] = value
    return found
