"""Which part lies in which slot: found by nudging each and comparing what moves.

At the base point all slots of a shape have equal values, and so have all parts: whatever the order of gates, both sides
then compute the same, if they compute the same at all. Nudge one slot and the results move in the way in which they
move when its part is nudged, and no other. Square blocks have symmetric values and unsymmetric nudges, so that storing
the transpose shows too. This needs as many calls as there are slots, where trying the orders would need a factorial.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..convert import Part
from ._callee import Callee
from ._equations import Equations
from ._forms import Call, Data
from ._pieces import Array, Piece, Shape, Slot, as_matrix

TOLERANCE = 1e-9  # of equal values in float64, relative to the largest
ALTERNATIVES = 256  # assignments that are tried where several parts move the results alike


@dataclass(frozen=True)
class Base:
    """Values and nudges by shape. Vectors are zero where slots outnumber parts: two biases then count as one."""

    seed: int
    zero_vectors: bool

    def value(self, shape: Shape) -> Array:
        """The value of every block of this shape; of its transpose it is the transpose."""
        if min(shape) == 1 and self.zero_vectors:
            return np.zeros(shape)
        return self._drawn(shape, 0, symmetric=True)

    def nudge(self, shape: Shape) -> Array:
        """What is added to one block; that of the transpose is the transpose, but a square one is not symmetric."""
        return self._drawn(shape, 1, symmetric=False)

    def _drawn(self, shape: Shape, what: int, *, symmetric: bool) -> Array:
        low, high = sorted(shape)
        drawn = np.random.default_rng([self.seed, what, low, high]).normal(0.3, 0.6, (low, high))
        if low == high and symmetric:
            return (drawn + drawn.T) / 2
        return drawn if shape == (low, high) else drawn.T


@dataclass(frozen=True)
class Match:
    """Where each part lies.

    Attributes:
        of: Slot → (part, whether the slot has its transpose).
        dead: Slots that nothing depends on.
        results: For each result of the code the equations' name for it, "output" or `c.next`.

    """

    of: Mapping[Slot, tuple[Part, bool]]
    dead: tuple[Slot, ...]
    results: tuple[str, ...]


class Trial:
    """Somebody else's code called in one form at one base point."""

    def __init__(self, code: Callee, call: Call, data: Data, base: Base, slots: Sequence[Slot]) -> None:
        self.code, self.call, self.data, self.base, self.slots = code, call, data, base, slots
        self.refusal = ""

    @functools.cached_property
    def results(self) -> list[Array] | None:
        """What it returns at the base point; None when it cannot be called so."""
        return self._called({slot: self.base.value(slot.shape) for slot in self.slots})

    @functools.cached_property
    def nudged(self) -> dict[Slot, list[Array]]:
        """What it returns when one slot is nudged."""
        values = {slot: self.base.value(slot.shape) for slot in self.slots}
        found = {}
        for slot in self.slots:
            made = self._called({**values, slot: values[slot] + self.base.nudge(slot.shape)})
            found[slot] = made if made is not None else []
        return found

    def _called(self, values: Mapping[Slot, Array]) -> list[Array] | None:
        try:
            results = self.code(stored(self.code, values), self.call.arguments(self.data))
        except Exception as error:  # whatever somebody else's code raises, it cannot be called so
            self.refusal = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            return None
        found = [self.call.form.inverse(np.asarray(result)) for result in results]
        return found if found and all(np.isfinite(result).all() for result in found) else None

    def expected(self, equations: Equations, nudged: Part | None = None, *, turned: bool = False) -> dict[str, Array]:
        """The equations' results at the base point, or with one part nudged (by the transpose)."""
        start = self.call.start(self.data)
        key = (self.base, start is self.data, nudged, turned)
        if key not in equations.moves:
            values = self._values(equations, nudged, turned=turned)
            equations.moves[key] = equations.run(values, start.inputs, start.states)
        return self.call.expected(equations.moves[key])

    def _values(self, equations: Equations, nudged: Part | None, *, turned: bool) -> dict[Part, Array]:
        values: dict[Part, Array] = {}
        for piece in equations.pieces:
            shape = upright(piece)
            value = self.base.value(shape)
            if piece.part == nudged:
                value = value + (self.base.nudge(shape).T if turned else self.base.nudge(shape))
            values[piece.part] = value.reshape(piece.shape)
        return values


def matches(trial: Trial, equations: Equations) -> Iterator[Match]:
    """Every assignment of parts to slots under which both sides move alike; none when they differ at the base point."""
    results = trial.results
    if results is None or (names := named(results, trial.expected(equations))) is None:
        return
    base = trial.expected(equations)
    moves: dict[tuple[Part, bool], list[Array]] = {}
    alive: set[Part] = set()  # membership only
    for piece in equations.pieces:
        square = len(piece.shape) == 2 and piece.shape[0] == piece.shape[1]
        for turned in (False, True) if square else (False,):
            moved = trial.expected(equations, piece.part, turned=turned)
            moves[piece.part, turned] = [moved[name] for name in names]
            if not equal(moves[piece.part, turned], [base[name] for name in names]):
                alive.add(piece.part)
    dead = tuple(slot for slot in trial.slots if equal(trial.nudged[slot], results))
    live = [slot for slot in trial.slots if slot not in dead]
    options = [_options(slot, trial, equations, moves, alive) for slot in live]
    for choice in itertools.islice(_choices(options), ALTERNATIVES):
        if {part for part, _ in choice} >= alive:
            yield Match(dict(zip(live, choice, strict=True)), dead, names)


def _options(
    slot: Slot,
    trial: Trial,
    equations: Equations,
    moves: Mapping[tuple[Part, bool], list[Array]],
    alive: set[Part],
) -> list[tuple[Part, bool]]:
    """The parts that move the results as a slot does."""
    found = []
    for piece in equations.pieces:
        shape = upright(piece)
        if piece.part not in alive or sorted(shape) != sorted(slot.shape):
            continue
        for turned in (False, True) if (piece.part, True) in moves else (False,):
            if equal(trial.nudged[slot], moves[piece.part, turned]):
                found.append((piece.part, turned or shape != slot.shape))
    return found


def _choices(options: Sequence[Sequence[tuple[Part, bool]]]) -> Iterator[tuple[tuple[Part, bool], ...]]:
    """Assignments with as many different parts as can be, first."""
    chosen: list[tuple[Part, bool]] = []
    for own in options:
        taken = {part for part, _ in chosen}
        fresh = [option for option in own if option[0] not in taken]
        if not own:
            return
        chosen.append((fresh or own)[0])
    yield tuple(chosen)
    yield from (tuple(choice) for choice in itertools.product(*options) if list(choice) != chosen)


def named(results: Sequence[Array], expected: Mapping[str, Array]) -> tuple[str, ...] | None:
    """The equations' name for each result; None when one is none of theirs."""
    found = []
    for result in results:
        name = next((name for name, value in expected.items() if equal([result], [value])), None)
        if name is None:
            return None
        found.append(name)
    return tuple(found)


def equal(left: Sequence[Array], right: Sequence[Array]) -> bool:
    """Whether arrays have equal shapes and values."""
    return len(left) == len(right) and all(difference(a, b) <= TOLERANCE for a, b in zip(left, right, strict=True))


def difference(left: Array, right: Array) -> float:
    """The largest difference, relative to the largest value or 1; infinite for other shapes, or where one is none."""
    if left.shape != right.shape:
        return float("inf")
    with np.errstate(all="ignore"):
        error = np.max(np.abs(left - right), initial=0.0) / max(1.0, np.max(np.abs(right), initial=0.0))
    return float(error) if np.isfinite(error) else float("inf")


def upright(piece: Piece) -> Shape:
    """The shape of a part as rows and columns."""
    return piece.shape if len(piece.shape) == 2 else (int(np.prod(piece.shape)), 1)


def stored(code: Callee, values: Mapping[Slot, Array]) -> dict[str, Array]:
    """The code's arrays with these values in their slots; what no slot has is zero."""
    found = {name: np.zeros(shape) for name, shape in code.shapes.items()}
    for slot, value in values.items():
        whole = found[slot.array]
        whole.reshape(as_matrix(whole.shape))[slot.rows, slot.columns] = value
    return found
