"""The statements of a procedure as lines of Python over arrays, each labelled with what it computes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...nodes import text
from ...procedure import (
    Assign,
    Buffer,
    Carry,
    Copy,
    Expr,
    Label,
    Lead,
    Local,
    Procedure,
    Read,
    Record,
    Result,
    Store,
    walk,
)
from ...sizes import Shape
from ._code import called
from ._line import INDENT, Line, Pieces, Value
from ._printer import Printer
from ._rules import printer_for
from ._spelling import Spelling

WIDTH = 120
TIE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Body:
    """A printed procedure.

    Attributes:
        procedure: What was printed.
        statements: Its lines, the last one returns the results.
        helpers: The functions of the runtime that they call.

    """

    procedure: Procedure
    statements: tuple[Line, ...]
    helpers: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The text of the lines."""
        return tuple(line.text for line in self.statements)


def printed(procedure: Procedure, dims: Sequence[str], spelling: Spelling) -> Body:
    """The lines of a procedure, without its signature. Raises CannotPrint."""
    steps = called(procedure.sequence)
    printer = printer_for(spelling, steps)
    lines = [*_section("before the loop: what waits for no step", procedure.before, printer, 1)]
    starts = [line for carry in procedure.loop.carries for line in _start(carry, printer)]
    starts += _allocations(procedure, printer)
    loop = list(_loop(procedure, printer))
    made = [Line(f"{value.code} = {code}", makes=(value,)) for code, value in printer.constants.items()]
    after = _section("after the loop: what no step waits for", procedure.after, printer, 1)
    lines += [*starts, *made, *loop, *after, _returned(procedure, printer)]
    opening = (*_opening(printer, dims, steps), *_aliases(procedure))
    return Body(procedure, (*opening, *lines), tuple(printer.helpers))


def _opening(printer: Printer, dims: Sequence[str], steps: str) -> Iterator[Line]:
    """The sizes that the statements read."""
    names = [dim if dim in printer.used else "_" for dim in dims]
    if any(name != "_" for name in names):
        yield Line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = sizes")
    yield Line(f"time, batch = {steps}.shape[:2]" if "batch" in printer.used else f"time = len({steps})")


def _aliases(procedure: Procedure) -> Iterator[Line]:
    """What labels call by two names."""
    if procedure.aliases:
        same = ", ".join(f"{name}{TIE}={TIE}{target}" for name, target in procedure.aliases)
        lines = textwrap.wrap(f"one value, two names: {same}", WIDTH - len(INDENT) - 2)
        yield from (Line(f"# {line.replace(TIE, ' ')}") for line in lines)


def _section(title: str, assignments: Sequence[Assign], printer: Printer, indent: int) -> Iterator[Line]:
    if assignments:
        yield Line(f"# {title}")
    for assignment in assignments:
        yield from _assignment(assignment, printer, indent)


def _assignment(assignment: Assign, printer: Printer, indent: int, is_read: bool = True) -> Iterator[Line]:
    """The label, and the statement, whose values have the label's shape; `indent` counts that of the function too.

    What is stored and not read in the step has no name.
    """
    target, shape = assignment.target, assignment.label.shape
    code, pieces = printer.value(assignment.value), printer.taken()
    stores = tuple(_stored(store, shape, pieces) for store in assignment.stores)
    made = (Value(target.name, Buffer(target.name, target.lead, shape), pieces),) if is_read or not stores else ()
    yield Line(f"# {label(assignment.label, WIDTH - len(INDENT) * indent - 2)}", indent - 1)
    targets = [one.code for one in (*stores, *made)]
    yield Line(" = ".join([*targets, code]), indent - 1, makes=made, stores=stores)


def _stored(store: Store, shape: Shape, pieces: Pieces) -> Value:
    """An entry of a buffer, to which something of that shape is written."""
    return Value(_entry(store), Buffer(store.buffer.name, Lead.BATCH, shape), pieces)


def _entry(store: Store) -> str:
    return f"{called(store.buffer)}[{'at + 1' if store.after else 'at'}]"


def label(of: Label, width: int) -> str:
    """`dL/df = dL/dc.next * c : (k)`, within so many characters."""
    head, tail = f"{of.name} = {'Σ ' if of.summed else ''}", f" : ({', '.join(str(size) for size in of.shape)})"
    body = text(of.expr)
    room = width - len(head) - len(tail)
    return f"{head}{body if len(body) <= room else f'{body[: room - 1]}…'}{tail}"


def _carried(carry: Carry, pieces: Pieces = ()) -> Value:
    target = carry.target
    return Value(target.name, Buffer(target.name, target.lead, target.shape), pieces)


def _start(carry: Carry, printer: Printer) -> Iterator[Line]:
    code, pieces = printer.print(carry.first), printer.taken()
    if code != carry.target.name:
        yield Line(f"{carry.target.name} = {code}", makes=(_carried(carry, pieces),))


def _allocations(procedure: Procedure, printer: Printer) -> Iterator[Line]:
    for allocation in procedure.allocations:
        buffer = allocation.buffer
        code = printer.made(printer.spelling.empty, printer.shape(buffer.shape, buffer.lead))
        yield Line(f"{buffer.name} = {code}", makes=(Value(buffer.name, buffer),))
        if allocation.first is not None:
            first, place = printer.print(allocation.first), "time" if procedure.loop.reverse else "0"
            entry = Buffer(buffer.name, Lead.BATCH, buffer.shape)
            yield Line(f"{buffer.name}[{place}] = {first}", needs=(Value(first, entry, printer.taken()),))


def _loop(procedure: Procedure, printer: Printer) -> Iterator[Line]:
    loop = procedure.loop
    printer.in_loop = True
    steps = "reversed(range(time))" if loop.reverse else "range(time)"
    yield Line(f"for at in {steps}:", carries=tuple(_carried(carry) for carry in loop.carries))
    read = {part.name for expr in procedure.expressions for part in walk(expr) if isinstance(part, Local)}
    lines = [line for one in loop.body for line in _assignment(one, printer, 2, one.target.name in read)]
    after = [(carry, printer.print(carry.after), printer.taken()) for carry in loop.carries]
    for carry, code, pieces in after:
        stores = (_stored(store, carry.target.shape, pieces) for store in carry.stores)
        lines += [Line(f"{one.code} = {code}", 1, stores=(one,)) for one in stores]
    moved = [(_carried(carry, pieces), code) for carry, code, pieces in after if code != carry.target.name]
    if moved:
        makes = tuple(value for value, _ in moved)
        code = f"{', '.join(value.code for value in makes)} = {', '.join(code for _, code in moved)}"
        lines.append(Line(code, 1, makes=makes))
    yield from lines or [Line("pass", 1)]
    printer.in_loop = False


def _returned(procedure: Procedure, printer: Printer) -> Line:
    results = [_result(result, procedure, printer) for result in procedure.results]
    values = tuple(value for _, own in results for value in own)
    return Line(f"return {', '.join(code for code, _ in results)}", needs=values)


def _result(result: Result, procedure: Procedure, printer: Printer) -> tuple[str, tuple[Value, ...]]:
    """A result's code, and its arrays."""
    buffers = result.type.fields if isinstance(result.type, Record) else (result.type,)
    values = tuple(
        Value(_own(result, value, procedure, printer), buffer, printer.taken())
        for value, buffer in zip(result.values, buffers, strict=True)
    )
    if not isinstance(result.type, Record):
        return values[0].code, values
    codes = [*(value.code for value in values), *(f"params.{name}" for name, _ in result.type.constants)]
    return f"{result.type.name}({', '.join(codes)})", values


def _own(result: Result, value: Expr, procedure: Procedure, printer: Printer) -> str:
    """A result's code. A tape has copies of the inputs only where the caller may change these."""
    given = [argument.type for argument in procedure.arguments]
    if isinstance(value, Copy) and isinstance(value.arg, Read) and result.name == "tape":
        if value.arg.buffer in given and not printer.spelling.owns_inputs:
            return printer.print(value.arg)
    return printer.value(value) if not isinstance(value, Local) else value.name
