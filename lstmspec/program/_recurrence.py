"""Recurrences: a system of step equations with what happens to each of its names over time.

The forward pass of a cell is one, its backward pass is one that runs the other way, and so are the passes of which a
double backward pass is made. All of them are scheduled and emitted by the same code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..checker import check
from ..grad import adjoint, depending_on
from ..language import Equation, Role, System, order
from ..nodes import Name, names_in
from ..ops import build


@dataclass(frozen=True)
class Recurrence:
    """A loop over time.

    Attributes:
        system: The equations of one step.
        carries: Symbol → the equation that gives its value in the step that runs next.
        sequences: Symbols that have a value for every step before the loop starts.
        stacked: Names whose values are wanted for every step.
        summed: Names whose sum over time and batch is wanted.
        reverse: Whether the last step runs first.
        keeps_matrices: Whether matrices computed in the loop may be kept for every step, to be read after it.

    Every other symbol is constant over time: parameters, numbers, and cotangents of parameters' gradients.

    """

    system: System
    carries: Mapping[Name, Name]
    sequences: tuple[Name, ...]
    stacked: tuple[Name, ...]
    summed: tuple[Name, ...]
    reverse: bool
    keeps_matrices: bool = True

    @property
    def constants(self) -> tuple[Name, ...]:
        """The symbols that are the same in every step."""
        changing = (*self.carries, *self.sequences)
        return tuple(name for name in self.system.symbols if name not in changing)


@dataclass(frozen=True)
class Passes:
    """The loops of a cell.

    `outputs` is the forward pass for those who want no gradients: it keeps nothing. `backward` has a cotangent of the
    outputs alone; `adjoint` is the same with a cotangent of every value, and keeps the cotangents that `tangent`, the
    adjoint of the backward pass, reads. A double backward pass is adjoint, tangent, adjoint: the last one is seeded
    with what the tangent pass found.

    Attributes:
        tape: What later passes read of the forward pass.
        fixed: The equations that are the same in every step, since they read parameters and constants alone.
        recorded: The values whose cotangents the adjoint pass keeps.
        seeded: The names for which the adjoint pass takes a cotangent.

    """

    outputs: Recurrence
    forward: Recurrence
    backward: Recurrence
    adjoint: Recurrence
    tangent: Recurrence
    tape: tuple[Name, ...]
    fixed: frozenset[Name]
    recorded: tuple[Name, ...]
    seeded: tuple[Name, ...]


def passes(system: System) -> Passes:
    """All loops of a packed system."""
    fixed = _fixed(system)
    backward = _reverse(system, (system.output,), fixed)
    tangent = _tangent(system, backward, fixed)
    found = [name for name in (*system.symbols, *system.equations) if name.adjoint("M") in tangent.stacked]
    seeded = tuple(dict.fromkeys((system.output, *found)))
    adjoint_ = _reverse(system, seeded, fixed)
    read = {*_values(backward.system), *_values(tangent.system), *_values(adjoint_.system)}  # membership only
    recorded = tuple(name.base for name in backward.system.equations if name in read)
    adjoint_ = replace(adjoint_, stacked=(*adjoint_.stacked, *(name.adjoint() for name in recorded)))
    tape = tuple(name for name in (*system.symbols, *system.equations) if name in read)
    carries = {state: state.next for state in system.states}
    stacked = tuple(dict.fromkeys((system.output, *(name for name in tape if name not in system.inputs))))
    return Passes(
        Recurrence(system, carries, system.inputs, (system.output,), (), reverse=False, keeps_matrices=False),
        Recurrence(system, carries, system.inputs, stacked, (), reverse=False),
        backward,
        adjoint_,
        tangent,
        tape,
        fixed,
        recorded,
        seeded,
    )


def _fixed(system: System) -> frozenset[Name]:
    """Parameters, constants, and what reads them alone; for membership only."""
    found = set(system.having(Role.WEIGHT, Role.BIAS, Role.CONSTANT))
    for equation in order(system):
        if all(name in found for name in names_in(equation.expr)):
            found.add(equation.name)
    return frozenset(found)


def _values(system: System) -> tuple[Name, ...]:
    return system.having(Role.VALUE)


def _used(system: System, names: Iterable[Name]) -> tuple[Name, ...]:
    read = {name for equation in system.equations.values() for name in names_in(equation.expr)}  # membership only
    return tuple(name for name in names if name in read)


def _alive(system: System, names: Iterable[Name]) -> tuple[Name, ...]:
    """The names among these that have an equation that is not zero."""
    dead = ("zeros", "number")
    return tuple(name for name in names if name in system.equations and system.equations[name].expr.op not in dead)


def _reverse(system: System, seeded: Sequence[Name], fixed: Collection[Name]) -> Recurrence:
    """The adjoint of the forward pass, backward in time, with cotangents from outside at these names of every step."""
    seeds = {name.seed: name for name in seeded}
    carried = {state.next.upstream(): state.next for state in system.states}
    result = adjoint(system, seeds | carried, [*system.inputs, *system.states, *system.parameters])
    return Recurrence(
        result,
        {state.next.upstream(): state.adjoint() for state in system.states},
        (*(name for name in _values(result) if name not in fixed), *_used(result, seeds)),
        tuple(name.adjoint() for name in system.inputs),
        tuple(name.adjoint() for name in system.parameters),
        reverse=True,
    )


def _tangent(system: System, backward: Recurrence, fixed: Collection[Name]) -> Recurrence:
    """The adjoint of the backward pass; `M` is what its results are contracted to."""
    probed = {name.base.probe: name for name in (*backward.stacked, *backward.summed)}
    seeds = probed | {name.upstream("M"): name for name in backward.carries.values()}
    outside = [system.output.seed, *backward.carries]
    # A value that follows from nothing, a gate that is 1, has no cotangent that anybody reads.
    active = depending_on(system, [*system.inputs, *system.states, *system.parameters])
    values = [name for name in _values(backward.system) if name in active]
    wrt = [name for name in (*values, *system.parameters, *outside) if name in backward.system.symbols]
    result = adjoint(backward.system, seeds, wrt, "M")
    result = _with_dead_carries(result, backward)
    sequences = (
        *(name for name in _values(result) if name not in fixed),
        *(name.base.probe for name in backward.stacked),
    )
    carried = {after.upstream("M"): before.adjoint("M") for before, after in backward.carries.items()}
    given = [name for name in result.symbols if name in backward.system.symbols and name not in sequences]
    given = [name for name in given if result.symbols[name].role is Role.COTANGENT]
    stacked = [name.adjoint("M") for name in (*values, system.output.seed)]
    return Recurrence(
        result,
        carried,
        _used(result, (*sequences, *given)),
        _alive(result, stacked),
        _alive(result, [name.adjoint("M") for name in system.parameters]),
        reverse=False,
    )


def _with_dead_carries(tangent: System, backward: Recurrence) -> System:
    """The tangent pass with zeros for carried values that the backward pass never reads: they end where they start."""
    shapes = check(backward.system).require().of
    equations = dict(tangent.equations)
    for before, after in backward.carries.items():
        name = before.adjoint("M")
        if name not in equations:
            shape = shapes[after]
            equations[name] = Equation(name, build.zeros(*shape) if shape else build.ZERO)
    return replace(tangent, equations=equations)
