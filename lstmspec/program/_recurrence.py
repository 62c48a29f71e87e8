"""Recurrences: a system of step equations with what happens to each of its names over time.

The forward pass of a cell is one, its backward pass is one that runs the other way, and so is each half of the double
backward pass. All of them are scheduled and emitted by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..checker import check
from ..grad import adjoint, depending_on
from ..language import Equation, Role, System
from ..nodes import Name, names_in
from ..ops import build

OUTPUT = Name("output")


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

    Every other symbol is constant over time: parameters, numbers, and cotangents of parameters' gradients.

    """

    system: System
    carries: Mapping[Name, Name]
    sequences: tuple[Name, ...]
    stacked: tuple[Name, ...]
    summed: tuple[Name, ...]
    reverse: bool

    @property
    def constants(self) -> tuple[Name, ...]:
        """The symbols that are the same in every step."""
        changing = (*self.carries, *self.sequences)
        return tuple(name for name in self.system.symbols if name not in changing)


@dataclass(frozen=True)
class Passes:
    """The loops of a cell.

    `outputs` is the forward pass for those who want no gradients: it keeps nothing.
    `tape` is what later passes read of the forward pass. The double backward pass runs the backward pass again as
    `backward_recording`, which keeps its values in place of gradients, then `tangent` (the adjoint of the backward
    pass, forward in time), then `again` (the adjoint of the forward pass, seeded at every value that the tangent pass
    has a cotangent for).
    """

    outputs: Recurrence
    forward: Recurrence
    backward: Recurrence
    backward_recording: Recurrence
    tangent: Recurrence
    again: Recurrence
    tape: tuple[Name, ...]


def passes(system: System) -> Passes:
    """All loops of a packed system."""
    backward = _backward(system)
    double = _tangent(system, backward)
    recorded = tuple(name for name in _values(double.system) if name in backward.system.equations)
    again = _again(system, double)
    needed = {name for loop in (backward, double, again) for name in _values(loop.system)}  # membership only
    tape = tuple(name for name in (*system.symbols, *system.equations) if name in needed)
    carries = {state: state.next for state in system.states}
    outputs = Recurrence(system, carries, system.inputs, (system.output,), (), reverse=False)
    forward = Recurrence(
        system,
        carries,
        system.inputs,
        tuple(dict.fromkeys((system.output, *(name for name in tape if name not in system.inputs)))),
        (),
        reverse=False,
    )
    recording = Recurrence(
        backward.system, backward.carries, backward.sequences, recorded, (), reverse=True
    )  # its gradients are not wanted a second time
    return Passes(outputs, forward, backward, recording, double, again, tape)


def _values(system: System) -> tuple[Name, ...]:
    return system.having(Role.VALUE)


def _used(system: System, names: Sequence[Name]) -> tuple[Name, ...]:
    read = {name for equation in system.equations.values() for name in names_in(equation.expr)}  # membership only
    return tuple(name for name in names if name in read)


def _alive(system: System, names: Sequence[Name]) -> tuple[Name, ...]:
    """The names among these that have an equation that is not zero."""
    dead = ("zeros", "number")
    return tuple(name for name in names if name in system.equations and system.equations[name].expr.op not in dead)


def _backward(system: System) -> Recurrence:
    return _reverse(system, {OUTPUT.upstream(): system.output})


def _reverse(system: System, seeds: dict[Name, Name]) -> Recurrence:
    """The adjoint of the forward pass, backward in time, with cotangents from outside at these names of every step."""
    carried = {state.next.upstream(): state.next for state in system.states}
    result = adjoint(system, seeds | carried, [*system.inputs, *system.states, *system.parameters])
    return Recurrence(
        result,
        {state.next.upstream(): state.adjoint() for state in system.states},
        (*_values(result), *_used(result, list(seeds))),
        tuple(name.adjoint() for name in system.inputs),
        tuple(name.adjoint() for name in system.parameters),
        reverse=True,
    )


def _tangent(system: System, backward: Recurrence) -> Recurrence:
    """The adjoint of the backward pass; `M` is what its results are contracted to."""
    results = [*backward.stacked, *backward.carries.values(), *backward.summed]
    seeds = {name.upstream("M"): name for name in results}
    outside = [OUTPUT.upstream(), *backward.carries]
    # A value that follows from nothing, a gate that is 1, has no cotangent that anybody reads.
    active = depending_on(system, [*system.inputs, *system.states, *system.parameters])
    values = [name for name in _values(backward.system) if name in active]
    wrt = [name for name in (*values, *system.parameters, *outside) if name in backward.system.symbols]
    result = adjoint(backward.system, seeds, wrt, "M")
    result = _with_dead_carries(result, backward)
    sequences = (*_values(result), *(name.upstream("M") for name in backward.stacked))
    carried = {after.upstream("M"): before.adjoint("M") for before, after in backward.carries.items()}
    given = [name for name in result.symbols if name in backward.system.symbols and name not in sequences]
    given = [name for name in given if result.symbols[name].role is Role.COTANGENT]
    stacked = [name.adjoint("M") for name in (*values, OUTPUT.upstream())]
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


def _again(system: System, tangent: Recurrence) -> Recurrence:
    """The adjoint of the forward pass, seeded with the tangent pass's cotangents of its values."""
    names = (*system.symbols, *system.equations)
    return _reverse(system, {name.adjoint("M"): name for name in names if name.adjoint("M") in tangent.stacked})
