"""The statements of a procedure as lines of Python over arrays, each labelled with what it computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...nodes import text
from ...procedure import (
    Assign,
    Carry,
    Copy,
    Expr,
    Label,
    Local,
    Procedure,
    Read,
    Record,
    Result,
    Store,
)
from ._printer import Printer, called
from ._spelling import Spelling

WIDTH = 120
INDENT = "    "


@dataclass(frozen=True)
class Body:
    """A printed procedure.

    Attributes:
        procedure: What was printed.
        lines: Its statements, the last one returns the results.
        helpers: The functions of the runtime that they call.

    """

    procedure: Procedure
    lines: tuple[str, ...]
    helpers: tuple[str, ...]


def printed(procedure: Procedure, dims: Sequence[str], spelling: Spelling) -> Body:
    """The lines of a procedure, without its signature. Raises CannotPrint."""
    steps = called(procedure.sequence)
    printer = Printer(spelling, steps)
    lines = [*_section("before the loop: what no step changes", procedure.before, printer, 1)]
    starts = [line for carry in procedure.loop.carries for line in _start(carry, printer)]
    starts += _allocations(procedure, printer)
    loop = list(_loop(procedure, printer))
    made = [f"{name} = {code}" for code, name in printer.constants.items()]
    after = _section("after the loop: what no step waits for", procedure.after, printer, 1)
    lines += [*starts, *made, *loop, *after, _returned(procedure, printer)]
    return Body(procedure, (*_opening(printer, dims, steps), *lines), tuple(printer.helpers))


def _opening(printer: Printer, dims: Sequence[str], steps: str) -> Iterator[str]:
    """The sizes that the statements read."""
    names = [dim if dim in printer.used else "_" for dim in dims]
    if any(name != "_" for name in names):
        yield f"{', '.join(names)}{',' if len(names) == 1 else ''} = sizes"
    yield f"time, batch = {steps}.shape[:2]" if "batch" in printer.used else f"time = len({steps})"


def _section(title: str, assignments: Sequence[Assign], printer: Printer, depth: int) -> Iterator[str]:
    if assignments:
        yield f"# {title}"
    for assignment in assignments:
        yield from _assignment(assignment, printer, depth)


def _assignment(assignment: Assign, printer: Printer, depth: int) -> Iterator[str]:
    target = assignment.target.name
    stores = "".join(f"{_entry(store)} = " for store in assignment.stores)
    yield f"# {label(assignment.label, WIDTH - len(INDENT) * depth - 2)}"
    yield f"{stores}{target} = {printer.value(assignment.value)}"


def _entry(store: Store) -> str:
    return f"{called(store.buffer)}[{'at + 1' if store.after else 'at'}]"


def label(of: Label, width: int) -> str:
    """`dL/df = dL/dc.next * c : (k)`, within so many characters."""
    head, tail = f"{of.name} = {'Σ ' if of.summed else ''}", f" : ({', '.join(str(size) for size in of.shape)})"
    body = text(of.expr)
    room = width - len(head) - len(tail)
    return f"{head}{body if len(body) <= room else f'{body[: room - 1]}…'}{tail}"


def _start(carry: Carry, printer: Printer) -> Iterator[str]:
    code = printer.print(carry.first)
    if code != carry.target.name:
        yield f"{carry.target.name} = {code}"


def _allocations(procedure: Procedure, printer: Printer) -> Iterator[str]:
    for allocation in procedure.allocations:
        buffer = allocation.buffer
        yield f"{buffer.name} = {printer.made(printer.spelling.empty, printer.shape(buffer.shape, buffer.lead))}"
        if allocation.first is not None:
            entry = "time" if procedure.loop.reverse else "0"
            yield f"{buffer.name}[{entry}] = {printer.print(allocation.first)}"


def _loop(procedure: Procedure, printer: Printer) -> Iterator[str]:
    loop = procedure.loop
    printer.in_loop = True
    yield f"for at in {'reversed(range(time))' if loop.reverse else 'range(time)'}:"
    lines = [line for assignment in loop.body for line in _assignment(assignment, printer, 2)]
    after = {carry.target.name: printer.print(carry.after) for carry in loop.carries}
    for carry in loop.carries:
        lines += [f"{_entry(store)} = {after[carry.target.name]}" for store in carry.stores]
    moved = {name: code for name, code in after.items() if name != code}
    if moved:
        lines.append(f"{', '.join(moved)} = {', '.join(moved.values())}")
    yield from (f"{INDENT}{line}" for line in lines or ["pass"])
    printer.in_loop = False


def _returned(procedure: Procedure, printer: Printer) -> str:
    values = [_result(result, procedure, printer) for result in procedure.results]
    return f"return {', '.join(values)}"


def _result(result: Result, procedure: Procedure, printer: Printer) -> str:
    values = [_own(result, value, procedure, printer) for value in result.values]
    if not isinstance(result.type, Record):
        return values[0]
    constants = [f"params.{name}" for name, _ in result.type.constants]
    return f"{result.type.name}({', '.join([*values, *constants])})"


def _own(result: Result, value: Expr, procedure: Procedure, printer: Printer) -> str:
    """A result's code. A tape has copies of the inputs only where the caller may change these."""
    given = [argument.type for argument in procedure.arguments]
    if isinstance(value, Copy) and isinstance(value.arg, Read) and result.name == "tape":
        if value.arg.buffer in given and not printer.spelling.owns_inputs:
            return printer.print(value.arg)
    return printer.value(value) if not isinstance(value, Local) else value.name
