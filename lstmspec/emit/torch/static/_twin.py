"""The twin of a generated function: its lines as they are generated, and between them questions that Pyrefly answers.

Invariant: of a line the twin changes nothing. A question stands on a line of its own; so does the declaration that
follows it: from there on an array has the shape that the procedure says it has, so that of every statement the shape is
asked for given those of what it reads, as in an induction over the statements.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ....procedure import Buffer, Expr, Procedure, Spread
from ...arrays import INDENT, Body, Line, Value, is_number, printed
from .._spelling import SPELLING
from ._support import HEAD
from ._types import LIKE, TENSOR, Signature, hint

Typed = Buffer | Expr


class Kind(enum.Enum):
    """Questions about an array."""

    TYPE = "its type"
    FITS = "whether its type may be the declared one"
    DECLARED = "the declared type, as Pyrefly writes it"
    PIECE = "the type of a piece of what it is computed from"


@dataclass(frozen=True)
class Statement:
    """An array that is asked for: the line that makes, stores or returns it, and its declared type."""

    line: Line
    value: Value
    type: str


@dataclass(frozen=True)
class Question:
    """What is asked on a line.

    Attributes:
        kind: Which kind.
        statement: The number of the statement that it is about.
        type: The declared type that it is about.
        place: Of a piece, which one of the statement; of a declared type, whether it is that of the class of which new
            arrays are made: what is computed of one may be one.

    """

    kind: Kind
    statement: int = 0
    type: str = ""
    place: int = 0


@dataclass(frozen=True)
class Twin:
    """A text for Pyrefly.

    Attributes:
        procedure: The procedure that was printed.
        text: The text.
        statements: What it asks for.
        questions: Line → what is asked there.
        lines: Line → the line of the generated function that stands there.

    """

    procedure: Procedure
    text: str
    statements: tuple[Statement, ...]
    questions: Mapping[int, Question]
    lines: Mapping[int, Line]


def twin(procedure: Procedure, dims: tuple[str, ...], explained: Collection[int] = ()) -> Twin:
    """The twin of a procedure; of the statements with these numbers each piece is asked for. Raises CannotPrint."""
    body = printed(procedure, dims, SPELLING)
    return _Writer(body, dims, explained).written()


def type_of(what: Typed, kind: str = TENSOR) -> str:
    """The type that an array, or the value of an expression, is declared to have."""
    return hint(what.lead, what.shape, kind)


class _Writer:
    """Writes one twin, line by line."""

    def __init__(self, body: Body, dims: tuple[str, ...], explained: Collection[int]) -> None:
        self.body = body
        self.signature = Signature(body.procedure, dims)
        self.explained = explained
        self.text: list[str] = []
        self.statements: list[Statement] = []
        self.questions: dict[int, Question] = {}
        self.lines: dict[int, Line] = {}
        self.known: set[str] = set()  # membership only

    def written(self) -> Twin:
        """The twin."""
        names = ", ".join([LIKE, *self.body.helpers])
        self.text += HEAD.format(names=names).splitlines()
        self.text += [*self.signature.classes(), *self.signature.head()]
        for declared, what in {type_of(one): one for one in self._declared()}.items():
            for place, kind in enumerate((TENSOR, LIKE)):
                self._ask(f"_cast({type_of(what, kind)}, sizes)", 1, Question(Kind.DECLARED, 0, declared, place))
        for line in self.body.statements:
            self._line(line)
        text = "\n".join(self.text) + "\n"
        return Twin(self.body.procedure, text, tuple(self.statements), self.questions, self.lines)

    def _declared(self) -> Iterator[Typed]:
        """All that has a declared type and is asked for."""
        for line in self.body.statements:
            for value in (*line.needs, *line.makes, *line.stores, *line.carries):
                yield value.declared
                yield from (expr for _, expr in value.pieces if self.explained)

    def _line(self, line: Line) -> None:
        """A line between its questions."""
        depth, results = line.depth + 1, (*line.makes, *line.stores)
        for value in line.needs:
            self._pieces(len(self.statements), value, depth)
            self._value(line, value, depth)
        for value in (value for value in line.carries if value.code not in self.known):  # the induction's first case
            self._value(line, value, depth)
        for at, value in enumerate(results, len(self.statements)):
            self._pieces(at, value, depth)
        self.text.append(INDENT + line.text)
        self.lines[len(self.text)] = line
        for value in results:
            self._value(line, value, depth)
        for value in line.makes:
            self._declare(value, depth)
        for value in line.carries:
            self._declare(value, depth + 1)

    def _value(self, line: Line, value: Value, depth: int) -> None:
        """The questions about an array."""
        at, declared = len(self.statements), type_of(value.declared)
        self.statements.append(Statement(line, value, declared))
        self._ask(value.code, depth, Question(Kind.TYPE, at))
        self.text.append(f"{INDENT * depth}_asked{at}: {declared} = {value.code}")
        self.questions[len(self.text)] = Question(Kind.FITS, at)

    def _declare(self, value: Value, depth: int) -> None:
        """From here on a variable has its declared type."""
        self.text.append(f"{INDENT * depth}{value.code} = _cast({type_of(value.declared)}, {value.code})")
        self.known.add(value.code)

    def _pieces(self, at: int, value: Value, depth: int) -> None:
        for place, (code, expr) in enumerate(value.pieces if at in self.explained else ()):
            if not is_number(expr) and not isinstance(expr, Spread):  # a spread array has axes of length one
                self._ask(code, depth, Question(Kind.PIECE, at, type_of(expr), place))

    def _ask(self, code: str, depth: int, question: Question) -> None:
        self.text.append(f"{INDENT * depth}_reveal({code})")
        self.questions[len(self.text)] = question
