"""The search: under which call, and which assignment of parameters, does code compute these equations?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..check import check
from ..convert import Layout, Part
from ..spec import System
from ._callee import Callee
from ._equations import Equations
from ._forms import Call, Data, calls
from ._match import Base, Match, Trial, matches
from ._pieces import Array, Piece, Slot, constants_as_pieces, pieces, slots
from ._places import assigned
from ._verify import compared, named_at

BOUND = 1e-10  # of the difference of results in float64
TIME, BATCH = 3, 2


@dataclass(frozen=True)
class Found:
    """An agreement: how the code is called, where the parameters lie, and the largest difference of each result."""

    equations: Equations
    call: Call
    match: Match
    errors: Mapping[str, float]


class Search:
    """Somebody else's code beside a cell's equations, at fixed sizes."""

    def __init__(
        self,
        system: System,
        code: Callee,
        sizes: Mapping[str, int],
        constants: Mapping[str, float],
        seed: int,
        layout: Layout | None = None,
    ) -> None:
        self.system, self.code, self.sizes, self.seed = system, code, sizes, seed
        self.constants, self.known = constants, pieces(system, sizes)
        self.scalars = constants_as_pieces(system) if 1 in map(math.prod, code.shapes.values()) else ()
        self.slots: Sequence[Slot] = slots(code.shapes, (*self.known, *self.scalars))
        data = data_for(system, sizes, TIME, BATCH, seed)
        self._other_data = data_for(system, sizes, TIME + 1, BATCH + 1, seed + 1)  # of the random points
        bases = (Base(seed, zero_vectors=False), Base(seed, zero_vectors=True))
        forms = calls(system.inputs, system.states)
        tried = [Trial(code, call, data, base, self.slots) for call in forms for base in bases]
        self.trials = [trial for trial in tried if trial.results is not None]
        self.refusals = {str(trial.call): trial.refusal for trial in tried if trial.refusal}
        self.given = None if layout is None else assigned(layout, code.shapes, self.known)

    @property
    def words(self) -> list[str]:
        """The forms in which the code can be called."""
        return list(dict.fromkeys(str(trial.call) for trial in self.trials))

    def agreement(self, system: System) -> Found | None:
        """How the code computes the equations of the cell, or of an edit of it; None when it does not."""
        known = self._pieces(system)
        for own in ((*known, *self.scalars), known) if self.scalars else (known,):
            with np.errstate(all="ignore"):  # an edit may divide by zero; what is no number agrees with nothing
                try:
                    equations = Equations(system, self.sizes, self.constants, own)
                    found = next(self._agreements(equations), None)
                except (ValueError, IndexError):  # NumPy's words for an edit whose shapes do not fit
                    continue
            if found is not None:
                return found
        return None

    def _pieces(self, system: System) -> tuple[Piece, ...]:
        more = [name for name in system.symbols if name not in self.system.symbols]
        shapes = {name: system.symbols[name].shape or () for name in more}
        found = [Piece(Part(name), tuple(size.at(self.sizes) for size in shapes[name] if size)) for name in more]
        return (*self.known, *found)

    def _agreements(self, equations: Equations) -> Iterator[Found]:
        data = self._other_data
        for trial in self.trials:
            for match in self._matches(trial, equations, data):
                errors: dict[str, float] = {}
                for seed in (self.seed, self.seed + 1):
                    now = compared(equations, self.code, trial.call, match, data, seed)
                    errors = {name: max(error, errors.get(name, 0.0)) for name, error in now.items()}
                if max(errors.values()) <= BOUND:
                    yield Found(equations, trial.call, match, errors)

    def _matches(self, trial: Trial, equations: Equations, data: Data) -> Iterator[Match]:
        if self.given is None:
            yield from matches(trial, equations)
            return
        dead = tuple(slot for slot in self.slots if slot.array not in {own.array for own in self.given})
        rough = Match(self.given, dead, ())
        if (names := named_at(equations, self.code, trial.call, rough, data, self.seed)) is not None:
            yield Match(self.given, dead, names)

    def closest(self) -> dict[str, float]:
        """With a given assignment, by how much each result differs; nothing without one."""
        return {}


def data_for(system: System, sizes: Mapping[str, int], time: int, batch: int, seed: int) -> Data:
    """Random inputs and first states."""
    rng, shapes = np.random.default_rng([seed, 7]), check(system).require().of

    def drawn(name: str, *lead: int) -> Array:
        return rng.normal(0.2, 0.9, (*lead, *(size.at(sizes) for size in shapes[name])))

    return Data(
        {name: drawn(name, time, batch) for name in system.inputs}, {name: drawn(name, batch) for name in system.states}
    )
