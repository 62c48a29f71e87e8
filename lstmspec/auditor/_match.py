"""Which part lies in which slot: found by nudging each and comparing what moves.

At the base point all slots of a shape have equal values, and so have all parts: whatever the order of gates, both sides
then compute the same, if they compute the same at all. Nudge one slot and the results move in the way in which they
move when its part is nudged, and no other. Square slots have symmetric values and unsymmetric nudges, so that storing
the transpose shows too. This needs as many calls as there are slots, where trying the orders would need a factorial.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..convert import Part
from ._equations_run import Equations
from ._parts_and_slots import Array, Slot, upright
from ._tolerances import Expected, candidates, equal, fitted, namings
from ._trial import Trial

ALTERNATIVES = 256  # assignments that are tried where several parts move the results alike


@dataclass(frozen=True)
class Match:
    """Where each part lies.

    Attributes:
        of: Slot → (part, whether the slot has its transpose).
        dead: Slots that nothing depends on.
        results: For each result of the code the equations' name for it, "output" or `c.next`; "" where they have none.

    """

    of: Mapping[Slot, tuple[Part, bool]]
    dead: tuple[Slot, ...]
    results: tuple[str, ...]


def matches(trial: Trial, equations: Equations) -> Iterator[Match]:
    """Every assignment of parts to slots under which both sides move alike; none when they differ at the base point."""
    results = trial.results
    if results is None:
        return
    turned = trial.call.form.turned
    options = candidates(results, trial.expected(equations), trial.tolerance, turned=turned)
    if options is None:
        return
    for names in namings(options, ALTERNATIVES):
        yield from _matches(trial, equations, names)


def _matches(trial: Trial, equations: Equations, names: tuple[str, ...]) -> Iterator[Match]:
    """The same, with names for the results of the code."""
    everything, base = trial.expected(equations), _picked(trial.expected(equations), names)
    moves: dict[tuple[Part, bool], list[Array]] = {}
    alive: set[Part] = set()  # membership only: what moves something, whether the code returns that or not
    for sized in equations.parts:
        square = len(sized.shape) == 2 and sized.shape[0] == sized.shape[1]
        for turned in (False, True) if square else (False,):
            moved = trial.expected(equations, sized.part, turned=turned)
            moves[sized.part, turned] = _picked(moved, names)
            if not equal([*moved.values.values()], [*everything.values.values()], trial.tolerance):
                alive.add(sized.part)
    nudged = {slot: _moved(trial, slot, names, base) for slot in trial.slots}
    dead = tuple(slot for slot in trial.slots if equal(nudged[slot], base, trial.tolerance))
    live = [slot for slot in trial.slots if slot not in dead]
    options = [_options(slot, nudged[slot], equations, moves, alive, trial.tolerance) for slot in live]
    for choice in itertools.islice(_choices(options), ALTERNATIVES):
        if alive and {part for part, _ in choice} >= alive:
            yield Match(dict(zip(live, choice, strict=True)), dead, names)


def _moved(trial: Trial, slot: Slot, names: tuple[str, ...], base: Sequence[Array]) -> list[Array]:
    """The results that count, with one slot nudged, in the shapes of the equations."""
    named = [result for name, result in zip(names, trial.nudged[slot], strict=False) if name]
    turned = trial.call.form.turned
    found = [fitted(result, like.shape, turned=turned) for result, like in zip(named, base, strict=False)]
    return [result for result in found if result is not None]


def _options(
    slot: Slot,
    moved: Sequence[Array],
    equations: Equations,
    moves: Mapping[tuple[Part, bool], list[Array]],
    alive: set[Part],
    tolerance: float,
) -> list[tuple[Part, bool]]:
    """The parts that move the results as a slot does."""
    found = []
    for sized in equations.parts:
        shape = upright(sized.shape)
        if sized.part not in alive or sorted(shape) != sorted(slot.shape):
            continue
        for turned in (False, True) if (sized.part, True) in moves else (False,):
            if equal(moved, moves[sized.part, turned], tolerance):
                found.append((sized.part, turned or shape != slot.shape))
    return found


def _picked(expected: Expected, names: tuple[str, ...]) -> list[Array]:
    return [expected.values[name] for name in names if name]


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
