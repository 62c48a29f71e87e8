"""Procedures: what a backend prints. Arguments, statements before a loop over time, in it and after it, results.

A procedure is a function of arrays in records: parameters, states, a tape. Nothing in it is text; what it reads, stores
and carries are values, so that no printer has to look into code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..nodes import Name, Node
from ..sizes import Shape
from ._expr import Buffer, Expr, Lead, Local, walk


@dataclass(frozen=True, slots=True)
class Record:
    """Arrays under names: a type of arguments and results.

    Attributes:
        name: Its name, `Tape`.
        fields: The arrays.
        constants: Numbers that stand beside them, with their defaults.

    """

    name: str
    fields: tuple[Buffer, ...]
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """What a procedure is given: a record, or an array by itself."""

    name: str
    type: Record | Buffer


@dataclass(frozen=True, slots=True)
class Label:
    """What a line computes: the name and the expression in the words of the equations, and the shape."""

    name: Name
    expr: Node
    shape: Shape
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """The entry of a buffer for the step: the one that it reads before it, or after it."""

    buffer: Buffer
    after: bool


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable gets a value, which may be kept in buffers as well."""

    target: Local | Buffer
    value: Expr
    label: Label
    stores: tuple[Store, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocate:
    """A buffer that the loop fills; a history begins with a value."""

    buffer: Buffer
    first: Expr | None = None


@dataclass(frozen=True, slots=True)
class Carry:
    """A variable that goes from step to step: its first value, and what it becomes; stored where it has no line."""

    target: Local
    first: Expr
    after: Expr
    stores: tuple[Store, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """Every step, the first one first or, in reverse, the last one."""

    reverse: bool
    body: tuple[Assign, ...]
    carries: tuple[Carry, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What is returned: one array, or a record of them; constants of a record are those of the argument `params`."""

    name: str
    type: Record | Buffer
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A function of arrays.

    Attributes:
        name: Its name.
        doc: One line that says what it computes.
        arguments: In order.
        before: Assignments before the loop.
        allocations: The buffers that the loop fills.
        loop: The loop over time.
        after: Assignments after it.
        results: In order.
        aliases: Names in labels that have no assignment, and the names whose values they are.

    """

    name: str
    doc: str
    arguments: tuple[Argument, ...]
    before: tuple[Assign, ...]
    allocations: tuple[Allocate, ...]
    loop: Loop
    after: tuple[Assign, ...]
    results: tuple[Result, ...]
    aliases: tuple[tuple[Name, Name], ...] = ()

    @property
    def assignments(self) -> tuple[Assign, ...]:
        """All assignments, in the order in which they are made."""
        return (*self.before, *self.loop.body, *self.after)

    @property
    def sequence(self) -> Buffer:
        """The first array with steps among the arguments: it shows their number, and that of samples."""
        return next(b for argument in self.arguments for b in arrays_of(argument) if b.lead is Lead.STEPS)

    @property
    def expressions(self) -> Iterator[Expr]:
        """The expressions of all statements and results."""
        yield from (line.value for line in self.assignments)
        yield from (allocation.first for allocation in self.allocations if allocation.first is not None)
        for carry in self.loop.carries:
            yield from (carry.first, carry.after)
        yield from (value for result in self.results for value in result.values)

    @property
    def has_steps(self) -> bool:
        """Whether anything is left to do in the loop."""
        return bool(self.loop.body or self.loop.carries)

    def with_value(self, place: int, value: Expr) -> Procedure:
        """The same procedure with another right side for one of its assignments, by its place among them."""
        return self.with_line(place, replace(self.assignments[place], value=value))

    def with_line(self, place: int, line: Assign) -> Procedure:
        """The same procedure with another assignment in place of one, by its place among them."""
        lines = list(self.assignments)
        lines[place] = line
        first, last = len(self.before), len(self.before) + len(self.loop.body)
        loop = replace(self.loop, body=tuple(lines[first:last]))
        return replace(self, before=tuple(lines[:first]), loop=loop, after=tuple(lines[last:]))


def arrays_of(argument: Argument) -> tuple[Buffer, ...]:
    """The arrays that an argument holds."""
    return argument.type.fields if isinstance(argument.type, Record) else (argument.type,)


def uses(procedure: Procedure, lead: Lead) -> bool:
    """Whether a procedure makes, or expands to, arrays with these axes."""
    made = any(allocation.buffer.lead >= lead for allocation in procedure.allocations)
    return made or any(part.lead is lead for expr in procedure.expressions for part in walk(expr))
