"""From a scheduled program to the statements of a procedure.

A name is read as what its section makes of it: a variable, an entry of a buffer, or a whole buffer. What the loop keeps
is stored where it is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..language import spelled
from ..nodes import Name, Node, names_in, ref
from ..program import Line, Program, Section
from ._expr import (
    At,
    Buffer,
    Expand,
    Expr,
    Fill,
    Lead,
    Local,
    Read,
)
from ._procedure import Allocate, Assign, Carry, Label, Loop, Store
from ._right_sides import expression, total


@dataclass(frozen=True, slots=True)
class Given:
    """A sequence from outside: a buffer, of a history with the entry before the step, or the one after it."""

    buffer: Buffer
    after: bool = False


class Lowering:
    """The statements of one program.

    Args:
        program: The program.
        given: Symbol → where its value comes from, an expression for what has no time.
        starts: Carried symbol → its value for the step that runs first; zeros for one that is missing.
        called: Name → what the buffer of its values is called, where not `all_f`.

    """

    def __init__(
        self,
        program: Program,
        given: Mapping[Name, Given | Expr],
        starts: Mapping[Name, Expr],
        called: Mapping[Name, str] | None = None,
    ) -> None:
        self.program = program
        self.given = given
        self.starts = starts
        held = {program.target(program.carries[symbol]): symbol for symbol in program.histories}
        self.histories = {symbol: self._buffer(symbol, Lead.HISTORY, called or {}) for symbol in program.histories}
        self.after = {name: self.histories[symbol] for name, symbol in held.items()}
        self.recorded = {name: self._buffer(name, Lead.STEPS, called or {}) for name in program.recorded}
        self.read = _read_in(program)

    def _buffer(self, name: Name, lead: Lead, called: Mapping[Name, str]) -> Buffer:
        return Buffer(called.get(name, f"all_{spelled(name)}"), lead, self.program.shapes[name])

    # -- names -------------------------------------------------------------------------------------------------------

    def value(self, name: Name, section: Section) -> Expr:
        """A name's value where a line of that section reads it."""
        name = self.program.target(name)
        own, shape = self.program.section[name], self.program.shapes[name]
        given = self.given.get(name)
        if own is Section.ONCE:
            return given if isinstance(given, Expr) else Local(shape, Lead.NONE, spelled(name))
        if own is Section.LOOP and section is Section.LOOP:
            return Local(shape, Lead.BATCH, spelled(name))
        if own is Section.LOOP:
            return self._kept(name)
        source = given if isinstance(given, Given) else Given(Buffer(spelled(name), Lead.STEPS, shape))
        return _entry(source.buffer, source.after, section is Section.LOOP)

    def _kept(self, name: Name) -> Expr:
        reverse = self.program.reverse
        if name in self.histories:
            return _entry(self.histories[name], reverse, False)
        if name in self.after:
            return _entry(self.after[name], not reverse, False)
        return _entry(self.recorded[name], False, False)

    def every(self, name: Name) -> Expr:
        """A name's values for all steps."""
        value = self.value(name, Section.AFTER)
        return value if value.lead is Lead.STEPS else Expand(value.shape, Lead.STEPS, value)

    def whole(self, name: Name) -> Expr:
        """What was kept of a name: of a carried symbol all values, the first one and the last one included."""
        if name in self.histories:
            return Read(self.histories[name].shape, Lead.HISTORY, self.histories[name], At.WHOLE)
        return self.value(name, Section.AFTER)

    def sum(self, name: Name) -> Local:
        """The sum of a name's values over time and batch, after the loop; the values have the name if they are read."""
        prefix = "total_" if name in self.read else ""
        return Local(self.program.shapes[name], Lead.NONE, f"{prefix}{spelled(name)}")

    def final(self, symbol: Name) -> Expr:
        """A carried value after the loop."""
        return Local(self.program.shapes[symbol], Lead.BATCH, spelled(symbol))

    # -- statements --------------------------------------------------------------------------------------------------

    def before(self) -> tuple[Assign, ...]:
        """The assignments before the loop."""
        return tuple(self._assign(line) for section in (Section.ONCE, Section.BEFORE) for line in self._lines(section))

    def after_loop(self) -> tuple[Assign, ...]:
        """The assignments after the loop, sums over time and batch last."""
        lines = [self._assign(line) for line in self._lines(Section.AFTER)]
        alone = {line.name: line.expr for line in self.program.lines if line.name not in self.read}
        for name in sorted(self.program.summed, key=lambda name: name not in alone):
            lines.append(self._total(name, alone.get(name, ref(self.program.target(name)))))
        return tuple(lines)

    def _lines(self, section: Section) -> Sequence[Line]:
        """The lines of a section but for what is summed as it is computed."""
        summed = self.program.summed
        return [line for line in self.program.at(section) if line.name not in summed or line.name in self.read]

    def _assign(self, line: Line) -> Assign:
        value = self.expression(line.expr, line.section)
        target: Local | Buffer = Buffer(spelled(line.name), Lead.STEPS, line.shape)
        if line.section in (Section.ONCE, Section.LOOP) or value.lead is Lead.NONE:
            lead = Lead.BATCH if line.section is Section.LOOP else Lead.NONE
            target = Local(line.shape, lead, spelled(line.name))
        return Assign(target, value, Label(line.name, line.expr, line.shape), self._stores(line))

    def _stores(self, line: Line) -> tuple[Store, ...]:
        """The entries of buffers that a line of the loop fills; of one outside, the carry that it becomes does."""
        if line.section is not Section.LOOP:
            return ()
        stores = [Store(self.recorded[line.name], False)] if line.name in self.recorded else []
        stores += [Store(self.after[line.name], not self.program.reverse)] if line.name in self.after else []
        return tuple(stores)

    def _total(self, name: Name, node: Node) -> Assign:
        shape = self.program.shapes[name]
        return Assign(self.sum(name), self.total(node), Label(name, node, shape, summed=True))

    def allocations(self) -> tuple[Allocate, ...]:
        """The buffers that the loop fills."""
        recorded = [Allocate(buffer) for buffer in self.recorded.values()]
        return (*recorded, *(Allocate(self.histories[symbol], self.final(symbol)) for symbol in self.histories))

    def aliases(self, lines: Sequence[Assign]) -> tuple[tuple[Name, Name], ...]:
        """The names that the labels of these lines read and that are other names, with those."""
        spoken = dict.fromkeys(name for line in lines for name in names_in(line.label.expr))
        return tuple((name, self.program.target(name)) for name in spoken if name in self.program.aliases)

    def loop(self) -> Loop:
        """The loop over time."""
        body = tuple(self._assign(line) for line in self.program.at(Section.LOOP))
        stored = {store.buffer for line in body for store in line.stores}
        carries = []
        for symbol, after in self.program.carries.items():
            shape = self.program.shapes[symbol]
            value = self.value(after, Section.LOOP)
            value = value if value.lead is Lead.BATCH else Expand(shape, Lead.BATCH, value)
            history = self.histories.get(symbol)
            stores = (Store(history, not self.program.reverse),) if history and history not in stored else ()
            first = self.starts.get(symbol, Fill(shape, Lead.BATCH, 0.0))
            carries.append(Carry(cast(Local, self.final(symbol)), first, value, stores))
        return Loop(self.program.reverse, body, tuple(carries))

    def expression(self, root: Node, section: Section) -> Expr:
        """A line's right side, read at its section."""
        return expression(root, self.program.shapes, lambda name: self.value(name, section))

    def total(self, node: Node) -> Expr:
        """The sum of an expression over time and batch, after the loop."""
        return total(node, self.program.shapes, lambda name: self.value(name, Section.AFTER))


def _read_in(program: Program) -> frozenset[Name]:
    """The names whose values of single steps are read or kept; of what is summed the others have none."""
    wanted = (*program.stacked, *program.carries.values(), *program.recorded)
    read = {program.target(name) for name in wanted}
    read |= {program.target(name) for line in program.lines for name in names_in(line.expr)}
    return frozenset(read | {program.target(name) for name in program.summed if name in program.aliases})


def _entry(buffer: Buffer, after: bool, in_step: bool) -> Expr:
    """The entry of a step, or those of all steps."""
    if in_step:
        return Read(buffer.shape, Lead.BATCH, buffer, At.STEP_AFTER if after else At.STEP)
    if buffer.lead is Lead.HISTORY:
        return Read(buffer.shape, Lead.STEPS, buffer, At.STEPS_AFTER if after else At.STEPS)
    return Read(buffer.shape, Lead.STEPS, buffer, At.WHOLE)
