"""Both sides at a random point: results compared, and gradients by PyTorch with those of the equations by complex step.

Parts that lie in several slots are split at random between them, and dead slots are random too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..convert import Part
from ._callee import Callee
from ._calls import Call, Data
from ._equations_run import Equations
from ._match import Match
from ._parts_and_slots import Array, Shape, Slot, as_matrix, upright
from ._tolerances import BOUNDS, TOLERANCES, Expected, candidates, difference, fitted, namings, refitted, width
from ._trial import stored

STEP = 1e-30  # of a complex step: it cancels nothing
SCALE = 0.7  # of random parameters: gates neither closed nor open


@dataclass(frozen=True)
class Point:
    """Random parameters by parts, and the same in the code's arrays."""

    values: Mapping[Part, Array]
    arrays: Mapping[str, Array]


def point(equations: Equations, code: Callee, match: Match, seed: int) -> Point:
    """A random point."""
    rng = np.random.default_rng([seed, 8])
    values = {sized.part: rng.normal(0.1, SCALE, sized.shape) for sized in equations.parts}
    carriers: dict[Part, list[tuple[Slot, bool]]] = {}
    for slot, (part, turned) in match.of.items():
        carriers.setdefault(part, []).append((slot, turned))
    slots = {slot: rng.normal(0.0, SCALE, slot.shape) for slot in match.dead}
    for sized in equations.parts:
        rest, own = values[sized.part].reshape(upright(sized.shape)), carriers.get(sized.part, [])
        for slot, turned in own[1:]:
            share = rng.normal(0.0, SCALE, rest.shape)
            slots[slot], rest = (share.T if turned else share), rest - share
        for slot, turned in own[:1]:
            slots[slot] = rest.T if turned else rest
    return Point(values, stored(code, slots))


@dataclass(frozen=True)
class Comparison:
    """The difference of each result at a random point, by the equations' names; infinite where the code fails.

    `bound` is what differences may be at most: the code may compute in float32.
    """

    errors: Mapping[str, float]
    bound: float

    @property
    def good(self) -> bool:
        """Whether all results agree."""
        return max(self.errors.values()) <= self.bound


def compared(equations: Equations, code: Callee, call: Call, match: Match, data: Data, seed: int) -> Comparison:
    """Both sides at a random point."""
    at, start = point(equations, code, match, seed), call.start(data)
    expected = call.expected(equations.run(at.values, start.inputs, start.states), equations.system.output)
    try:
        results = code(at.arrays, call.arguments(data))
        bound = BOUNDS[width(results)]
    except Exception:  # it took other values; its own checks may refuse these
        return Comparison(dict.fromkeys(filter(None, match.results), float("inf")), 0.0)
    errors: dict[str, float] = {}
    for name, result in zip(match.results, results, strict=True):
        if name:
            found = fitted(result, expected[name].shape, turned=call.form.turned)
            error = float("inf") if found is None else difference(found, expected[name])
            errors[name] = max(errors.get(name, 0.0), error)
    return Comparison(errors, bound)


def named_at(
    equations: Equations, code: Callee, call: Call, match: Match, data: Data, seed: int
) -> tuple[str, ...] | None:
    """The equations' name for each result of the code at a random point; None when one is none of theirs."""
    at, start = point(equations, code, match, seed), call.start(data)
    expected = call.expected(equations.run(at.values, start.inputs, start.states), equations.system.output)
    try:
        results = code(at.arrays, call.arguments(data))
        tolerance = TOLERANCES[width(results)]
    except Exception:  # as above
        return None
    options = candidates(results, Expected.of(expected), tolerance, turned=call.form.turned)
    return None if options is None else next(iter(namings(options, 256)), None)


def gradients(
    equations: Equations, code: Callee, call: Call, match: Match, data: Data, seed: int
) -> dict[str, float] | None:
    """The difference of <gradient, v> for a random v of each part, input and state; None without gradients."""
    at, start = point(equations, code, match, seed), call.start(data)
    output = equations.system.output
    results = call.expected(equations.run(at.values, start.inputs, start.states), output)
    rng, named = np.random.default_rng([seed, 9]), dict.fromkeys(filter(None, match.results))
    d: dict[str, Array] = {name: np.asarray(rng.normal(0.1, 1.0, results[name].shape)) for name in named}

    def cotangent(place: int, shape: Shape) -> Array | None:
        name = match.results[place]  # one that is returned twice counts once
        return None if not name or name in match.results[:place] else refitted(d[name], shape)

    def slope(values: Mapping[Part, Array], inputs: Mapping[str, Array], states: Mapping[str, Array]) -> float:
        moved = call.expected(equations.run(values, inputs, states), output)
        return sum(float(np.sum(d[name] * moved[name]).imag) for name in d) / STEP

    found = code.gradients(at.arrays, call.arguments(data), cotangent)
    if found is None:
        return None
    d_arrays, d_args = found
    errors: dict[str, float] = {}
    for sized in equations.parts:
        v: Array = np.asarray(rng.normal(0.2, 1.0, sized.shape))
        nudged = {**at.values, sized.part: at.values[sized.part] + 1j * STEP * v}
        expected, upright_v = slope(nudged, start.inputs, start.states), v.reshape(upright(sized.shape))
        for slot, (part, turned) in match.of.items():
            if part == sized.part:
                d_slot = d_arrays[slot.array].reshape(as_matrix(d_arrays[slot.array].shape))[slot.rows, slot.columns]
                error = _relative(float(np.sum(d_slot * (upright_v.T if turned else upright_v))), expected)
                errors[part.parameter] = max(errors.get(part.parameter, 0.0), error)
    for name in dict.fromkeys(call.names):
        gradient = sum(d for other, d in zip(call.names, d_args, strict=True) if other == name)
        inputs, states = dict(start.inputs), dict(start.states)
        group = inputs if name in inputs else states
        direction: Array = np.asarray(rng.normal(0.2, 1.0, group[name].shape))
        group[name] = group[name] + 1j * STEP * direction
        given = call.form.of_input(direction) if group is inputs else call.of_state(direction)
        errors[name] = _relative(float(np.sum(gradient * given)), slope(at.values, inputs, states))
    return errors


def _relative(actual: float, expected: float) -> float:
    error = abs(actual - expected) / max(1.0, abs(expected))
    return error if np.isfinite(error) else float("inf")
