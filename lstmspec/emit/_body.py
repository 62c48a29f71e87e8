"""The body of one pass: a program as statements of a backend.

Values of all steps are called `all_f`; inside the loop `at` is the step. A carried value that is kept lies in an array
of time + 1 entries, so that its previous and its new values are two views of one array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..language import spelled
from ..nodes import Name, Node, subnodes
from ..program import Line, Place, Program
from ._printer import Printer, Value, shape_code
from ._spelling import Spelling


@dataclass(frozen=True)
class Sources:
    """The code from which a pass takes what it is given.

    Attributes:
        given: Symbol → code of its value: constants, and sequences for all steps.
        starts: Carried symbol → code of its value for the step that runs first; None for zeros.

    """

    given: Mapping[str, str]
    starts: Mapping[str, str | None]


def _at_step(stack: str) -> str:
    """The entry of one step; of an array with one entry more than steps, the one that its cut would give."""
    for cut, index in (("[:-1]", "[at]"), ("[1:]", "[at + 1]")):
        if stack.endswith(cut):
            return stack.removesuffix(cut) + index
    return f"{stack}[at]"


class Body:
    """Statements and results of a pass."""

    def __init__(self, program: Program, spelling: Spelling, sources: Sources) -> None:
        self.program = program
        self.spelling = spelling
        self.sources = sources
        self.carry_of = {after: before for before, after in program.carries.items()}
        self.kept = tuple(
            dict.fromkeys(name if name in program.carries else self.carry_of[Name(name)] for name in program.kept)
        )

    # -- names -------------------------------------------------------------------------------------------------------

    def value(self, name: str, place: Place) -> Value:
        """The code of a name's value where a line of that place reads it."""
        own = self.program.place[Name(name)]
        if own is Place.ONCE:
            return Value(self.sources.given.get(name, spelled(name)), False)
        if place is Place.LOOP:
            return Value(_at_step(self.stack(name)) if own is Place.BEFORE else spelled(name), True)
        return Value(self.stack(name), True)

    def stack(self, name: str) -> str:
        """The code of a name's values for all steps."""
        own = self.program.place[Name(name)]
        if own is Place.BEFORE:
            return self.sources.given.get(name, spelled(name))
        if own is Place.AFTER:
            return spelled(name)
        if own is Place.ONCE:
            shape = shape_code(self.program.shapes[Name(name)], "time, batch")
            return self.spelling.broadcast.format(spelled(name), shape)
        if name in self.program.carries:
            return f"all_{spelled(name)}[{'1:' if self.program.reverse else ':-1'}]"
        if name in self.program.kept:
            return f"all_{spelled(self.carry_of[Name(name)])}[{':-1' if self.program.reverse else '1:'}]"
        return f"all_{spelled(name)}"

    def final(self, symbol: str) -> str:
        """The code of a carried value after the loop."""
        return spelled(symbol)

    def total(self, name: str) -> str:
        """The code of a result that is summed over time and batch."""
        line = next(line for line in self.program.lines if line.name == name)
        return self._printer(line.place).total(line.expr)

    def _printer(self, place: Place) -> Printer:
        lead = "batch" if place is Place.LOOP else "time, batch"
        return Printer(self.spelling, lambda name: self.value(name, place), self.program.shapes, lead)

    # -- statements --------------------------------------------------------------------------------------------------

    def statements(self) -> list[str]:
        """The whole pass, without the results that are summed: those are printed where they are returned."""
        lines: list[str] = []
        early = [*self.program.at(Place.ONCE), *self.program.at(Place.BEFORE)]
        lines += self._section("before the loop: what does not depend on carried values, for all steps", early)
        lines += self._start()
        lines += ["# the loop: what carried values need", f"for at in {self._steps()}:"]
        lines += [f"    {statement}" for statement in self._loop()]
        lines += self._section("after the loop: what nothing carries, for all steps", self.program.at(Place.AFTER))
        return lines

    def _steps(self) -> str:
        return "reversed(range(time))" if self.program.reverse else "range(time)"

    def _section(self, title: str, lines: list[Line] | tuple[Line, ...]) -> list[str]:
        kept = [line for line in lines if line.name not in self.program.summed]
        statements = [f"# {title}"] if kept else []
        for line in kept:
            statements += self._statement(line)
        return statements

    def _statement(self, line: Line) -> list[str]:
        shape = ", ".join(str(size) for size in line.shape)
        code = self._printer(line.place).print(line.expr)
        if not line.shape and not any(self._is_array(node) for node in subnodes(line.expr)):
            code = self.spelling.scalar.format(code)  # a plain number would have Python's type, not the arrays'
        return [f"# {line.label} : ({shape})", f"{spelled(line.name)} = {code}"]

    def _is_array(self, node: Node) -> bool:
        """Whether a scalar is one of the arrays' own: a name, or a function that gets its numbers as arrays."""
        entry = self.spelling.elementwise.get(node.op)
        return node.op == "ref" or (entry is not None and entry.wraps_numbers)

    def _start(self) -> list[str]:
        lines: list[str] = []
        for name in self.program.recorded:
            lines.append(f"all_{spelled(name)} = {self._empty('time, batch', name)}")
        for symbol in self.program.carries:
            start = self.sources.starts.get(symbol)
            zeros = self.spelling.zeros.format(shape_code(self.program.shapes[Name(symbol)], "batch"))
            if start != spelled(symbol):
                lines.append(f"{spelled(symbol)} = {start or zeros}")
            if symbol in self.kept:
                first = "time" if self.program.reverse else "0"
                lines.append(f"all_{spelled(symbol)} = {self._empty('time + 1, batch', symbol)}")
                lines.append(f"all_{spelled(symbol)}[{first}] = {spelled(symbol)}")
        return lines

    def _empty(self, lead: str, name: str) -> str:
        return self.spelling.empty.format(shape_code(self.program.shapes[Name(name)], lead))

    def _loop(self) -> list[str]:
        lines: list[str] = []
        for line in self.program.at(Place.LOOP):
            lines += self._statement(line)
            if line.name in self.program.recorded:
                lines.append(f"all_{spelled(line.name)}[at] = {spelled(line.name)}")
        news = {symbol: self._next(symbol, after) for symbol, after in self.program.carries.items()}
        for symbol in self.kept:
            index = "at" if self.program.reverse else "at + 1"
            lines.append(f"all_{spelled(symbol)}[{index}] = {news[symbol]}")
        lines.append(f"{', '.join(spelled(symbol) for symbol in news)} = {', '.join(news.values())}")
        return lines

    def _next(self, symbol: str, after: str) -> str:
        value = self.value(after, Place.LOOP)
        if value.data:
            return value.code
        return self.spelling.broadcast.format(value.code, shape_code(self.program.shapes[Name(symbol)], "batch"))
