"""The search: under which call, and which assignment of parameters, does code compute these equations?"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..checker import check
from ..convert import Layout, Part
from ..language import Role, System
from ..nodes import Name
from ._assignments import assigned
from ._callee import Callee
from ._calls import Call, Data
from ._compare import compared, named_at
from ._cut_slots import cuts
from ._equations_run import Equations
from ._match import Match, matches
from ._parts_and_slots import Array, SizedPart, constants_as_parts, sized_parts
from ._probe import probed
from ._tolerances import candidates
from ._trial import Base, Trial

TIMES = 3  # numbers of steps and samples that the search needs


@dataclass(frozen=True)
class Found:
    """An agreement: how the code is called, where the parameters lie, and the largest difference of each result.

    No difference is larger than `bound`.
    """

    equations: Equations
    call: Call
    match: Match
    errors: Mapping[str, float]
    bound: float

    @property
    def returned(self) -> tuple[str, ...]:
        """The states in the order in which the code returns them; empty where it does not return all together."""
        # A step may emit a new state, which then stands twice; a sequence emits all steps.
        emitted = "" if self.call.form.sequence else self.equations.system.output
        names = [Name(emitted if name == "output" else name).state for name in self.match.results]
        taken = self.call.states
        runs = [tuple(names[start : start + len(taken)]) for start in range(len(names) - len(taken) + 1)]
        orders = [run for run in runs if sorted(run) == sorted(taken)]
        return taken if taken in orders else next(iter(orders), ())

    @property
    def is_carried(self) -> bool:
        """Whether states are returned in the order in which they are taken, so that a call can go on from another."""
        return self.call.form.of_state is None or self.returned in ((), self.call.states)


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
        self.constants, self.known = constants, sized_parts(system, sizes)
        self.lengths = lengths(sizes)
        data = data_for(system, sizes, self.lengths[:2], seed)
        self._other_data = data_for(system, sizes, self.lengths[1:], seed + 1)  # of the random points
        probe = probed(code, system, sizes, data)
        self.refusals, self.trials = probe.refusals, list[tuple[Trial, Trial]]()
        self.stateless = list[tuple[Trial, Trial]]()  # of code that can be given states too
        if not probe.calls:
            return
        self.scalars = constants_as_parts(system) if 1 in map(math.prod, code.shapes.values()) else ()
        self.given = None if layout is None else assigned(layout, code.shapes, self.known)
        known = (*self.known, *self.scalars)
        carries = any(call.form.of_state is not None for call in probe.calls)
        bases = tuple(Base(seed, zero_vectors=zero) for zero in (True, False))
        for call, slots in itertools.product(probe.calls, cuts(code.shapes, known)):
            zeros, general = (Trial(code, call, data, base, slots) for base in bases)
            if zeros.results is not None or general.results is not None:
                alone = carries and call.form.of_state is None
                (self.stateless if alone else self.trials).append((zeros, general))

    @property
    def words(self) -> list[str]:
        """The forms in which the code can be called."""
        return list(dict.fromkeys(str(trial.call) for trial, _ in self.trials))

    def agreement(self, system: System, *, stateless: bool = False) -> Found | None:
        """How the code computes the equations of the cell, or of an edit of it; None when it does not.

        With `stateless`, when it is not given the states that it could be given.
        """
        trials = self.stateless if stateless else self.trials
        if not trials:
            return None
        known = self._parts(system)
        for own in ((*known, *self.scalars), known) if self.scalars else (known,):
            with np.errstate(all="ignore"):  # an edit may divide by zero; a NaN agrees with nothing
                try:
                    equations = Equations(system, self.sizes, self.constants, own)
                    found = next(self._agreements(equations, trials), None)
                except (ValueError, IndexError):  # NumPy's words for an edit whose shapes do not fit
                    continue
            if found is not None:
                return found
        return None

    def _parts(self, system: System) -> tuple[SizedPart, ...]:
        more = [name for name in system.symbols if name not in self.system.symbols]
        shapes = {name: system.symbols[name].shape or () for name in more}
        found = [SizedPart(Part(name), tuple(size.at(self.sizes) for size in shapes[name] if size)) for name in more]
        return (*self.known, *found)

    def _agreements(self, equations: Equations, trials: Sequence[tuple[Trial, Trial]]) -> Iterator[Found]:
        doubled = self._doubled(equations)
        for zeros, general in trials:
            if not _possible(zeros if doubled else general, equations):
                continue
            for trial in (general, zeros) if doubled else (general,):
                for match in self._matches(trial, equations):
                    seeds = (self.seed, self.seed + 1)
                    data = self._other_data
                    made = [compared(equations, self.code, trial.call, match, data, seed) for seed in seeds]
                    if all(one.good for one in made):
                        errors = {name: max(one.errors[name] for one in made) for name in made[0].errors}
                        yield Found(equations, trial.call, match, errors, made[0].bound)

    def _doubled(self, equations: Equations) -> bool:
        """Whether the code may keep a vector twice, so that the two count as one only where both are zero."""
        read = {*equations.system.parameters, *equations.system.having(Role.CONSTANT)}  # membership only
        parts = Counter(math.prod(sized.shape) for sized in equations.parts if sized.part.parameter in read)
        slots = Counter(math.prod(slot.shape) for slot in self.trials[0][0].slots if min(slot.shape) == 1)
        return any(count > parts[size] for size, count in slots.items())

    def _matches(self, trial: Trial, equations: Equations) -> Iterator[Match]:
        if self.given is None:
            yield from matches(trial, equations)
            return
        dead = tuple(slot for slot in trial.slots if slot.array not in {own.array for own in self.given})
        rough = Match(self.given, dead, ())
        if (names := named_at(equations, self.code, trial.call, rough, self._other_data, self.seed)) is not None:
            yield Match(self.given, dead, names)


def _possible(trial: Trial, equations: Equations) -> bool:
    """Whether results can agree under any assignment: at the base point they then do, where nothing is doubled."""
    if trial.results is None:
        return True
    expected = trial.expected(equations)
    if not all(np.isfinite(value).all() for value in expected.values.values()):
        return True
    return candidates(trial.results, expected, trial.tolerance, turned=trial.call.form.turned) is not None


def lengths(sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Numbers of steps and samples that are no dimension's, so that no axis is taken for another."""
    return tuple(itertools.islice((size for size in itertools.count(2) if size not in sizes.values()), TIMES))


def data_for(system: System, sizes: Mapping[str, int], times: Sequence[int], seed: int) -> Data:
    """Random inputs and first states, at so many samples and steps."""
    rng, shapes = np.random.default_rng([seed, 7]), check(system).require().of
    batch, time = times

    def drawn(name: Name, *lead: int) -> Array:
        return rng.normal(0.2, 0.9, (*lead, *(size.at(sizes) for size in shapes[name])))

    return Data(
        {name: drawn(name, time, batch) for name in system.inputs}, {name: drawn(name, batch) for name in system.states}
    )
