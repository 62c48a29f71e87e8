"""Procedures with a fault of shape, each of which a static checker has to refuse.

A fault is at the first place in a procedure where an edit changes a shape for certain, and where shapes are checked at
all: in a statement of which the checker says nothing it would prove nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..procedure import At, Buffer, Expr, Lead, Local, Procedure, Product, Read, Record, arrays_of, walk
from ..sizes import Shape
from ._edits import ONE, RULES, Around, Rule, edited

T = TypeVar("T")
Edit = Callable[[Procedure, Collection[str]], Iterator[tuple[str, Procedure]]]


@dataclass(frozen=True)
class Fault:
    """A faulty procedure: the kind of fault, the array that is computed or declared wrongly."""

    kind: str
    array: str
    procedure: Procedure


def faults(procedure: Procedure, unsaid: Collection[str] = ()) -> list[Fault]:
    """One fault of each kind that has a place in a procedure.

    Args:
        procedure: The procedure, in which there is no fault.
        unsaid: The arrays whose shapes are not checked.

    """
    found = []
    for kind, edit in KINDS.items():
        if first := next(edit(procedure, unsaid), None):
            found.append(Fault(kind, *first))
    return found


# -- in statements -----------------------------------------------------------------------------------------------------


def _by(rule: Rule) -> Edit:
    """The edit that applies a rule to right sides."""

    def edit(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
        everywhere = tuple(part for line in procedure.assignments for part in walk(line.value))
        place = 0
        for section in (procedure.before, procedure.loop.body, procedure.after):
            earlier: list[Expr] = []
            for line in section:
                earlier += walk(line.value)
                if line.target.name not in unsaid:
                    for value in edited(line.value, rule, Around(tuple(earlier), everywhere)):
                        yield line.target.name, procedure.with_value(place, value)
                place += 1

    return edit


def _stored(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    for place, line in enumerate(procedure.assignments):
        for store in line.stores if line.target.name not in unsaid else ():
            whole = Read(store.buffer.shape, store.buffer.lead, store.buffer, At.WHOLE)
            yield line.target.name, procedure.with_value(place, whole)


def _labelled(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    for place, line in enumerate(procedure.assignments):
        if line.target.name not in unsaid:
            label = replace(line.label, shape=_longer(line.label.shape))
            yield line.target.name, procedure.with_line(place, replace(line, label=label))


# -- in what is given, kept, carried and returned ----------------------------------------------------------------------


def _declared(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    """A matrix of the arguments that a checked product reads, declared the other way round."""
    checked = (line.value for line in procedure.assignments if line.target.name not in unsaid)
    factors = [part.operands for value in checked for part in walk(value) if isinstance(part, Product)]
    for buffer in (one.buffer for pair in factors for one in pair if isinstance(one, Read)):
        if len(buffer.shape) == 2 and buffer.shape[0] != buffer.shape[1] and buffer.lead is Lead.NONE:
            yield f"{buffer.record}.{buffer.name}", _redeclared(procedure, buffer)


def _redeclared(procedure: Procedure, buffer: Buffer) -> Procedure:
    """The procedure where a field of a record has its axes turned round; the record is the same wherever it is used."""
    holder = next(argument.type for argument in procedure.arguments if buffer in arrays_of(argument))

    def turned(of: Record | Buffer) -> Record | Buffer:
        if isinstance(of, Buffer) or isinstance(holder, Buffer) or of.name != holder.name:
            return of
        fields = (replace(one, shape=one.shape[::-1]) if one.name == buffer.name else one for one in of.fields)
        return replace(of, fields=tuple(fields))

    arguments = tuple(replace(argument, type=turned(argument.type)) for argument in procedure.arguments)
    results = tuple(replace(result, type=turned(result.type)) for result in procedure.results)
    return replace(procedure, arguments=arguments, results=results)


def _allocated(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    for place, allocation in enumerate(procedure.allocations):
        longer = replace(allocation.buffer, shape=_longer(allocation.buffer.shape))
        changed = _with(procedure.allocations, place, replace(allocation, buffer=longer))
        yield longer.name, replace(procedure, allocations=changed)


def _carried(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    locals_ = [line.target for line in procedure.loop.body if isinstance(line.target, Local)]
    for place, carry in enumerate(procedure.loop.carries):
        for other in locals_:
            if other.shape != carry.target.shape:
                carries = _with(procedure.loop.carries, place, replace(carry, after=other))
                yield carry.target.name, replace(procedure, loop=replace(procedure.loop, carries=carries))


def _begun(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    carries = procedure.loop.carries
    for place, carry in enumerate(carries):
        for other in carries:
            if other.first.shape != carry.first.shape:
                changed = _with(carries, place, replace(carry, first=other.first))
                yield carry.target.name, replace(procedure, loop=replace(procedure.loop, carries=changed))


def _returned(procedure: Procedure, unsaid: Collection[str]) -> Iterator[tuple[str, Procedure]]:
    places = [(at, place) for at, result in enumerate(procedure.results) for place in range(len(result.values))]
    for (at, place), (next_at, next_place) in itertools.pairwise(places):
        result, other = procedure.results[at], procedure.results[next_at].values[next_place]
        own = result.values[place]
        if (other.lead, other.shape) != (own.lead, own.shape):
            changed = replace(result, values=_with(result.values, place, other))
            yield result.name, replace(procedure, results=_with(procedure.results, at, changed))


def _with(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _longer(shape: Shape) -> Shape:
    """A shape whose last axis has one more; of a scalar, one with an axis."""
    return (*shape[:-1], shape[-1] + ONE) if shape else (ONE + ONE,)


KINDS: Mapping[str, Edit] = {
    **{kind: _by(rule) for kind, rule in RULES.items()},
    "all steps stored as one": _stored,
    "a label that is not true": _labelled,
    "an argument declared transposed": _declared,
    "a buffer too large": _allocated,
    "a value of another size carried": _carried,
    "a first value of another state": _begun,
    "the next result returned": _returned,
}
