"""The printer of a procedure's expressions: a rule for each kind of them, and notes of what their code needs.

Invariant: an expression prints through the backend's closed table or not at all, and nothing of a spec reaches the text
but validated identifiers, numbers and sizes.

A value has, in front of its own shape, the axes of its lead: none, (batch) in the loop, (time, batch) outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...procedure import Buffer, Expr, Lead
from ...sizes import Shape, Size
from ._code import LEADS, Code, is_number
from ._line import Pieces, Value
from ._spelling import Spelling


class CannotPrint(Exception):
    """An operation that a backend's table lacks."""


class Printer:
    """Prints the expressions of one procedure.

    Attributes:
        used: The dimensions, and time, batch and dtype, that the code reads.
        helpers: The functions of the runtime that it calls.
        constants: Code of what is the same in every step → the variable that holds it, made before the loop.
        in_loop: Whether the loop is printed.
        pieces: What was printed: code and the expression that it is of.

    """

    def __init__(self, spelling: Spelling, like: str, rules: Rules) -> None:
        self.spelling = spelling
        self.like = like
        self.rules = rules
        self.used: dict[str, None] = {}
        self.helpers: dict[str, None] = {}
        self.constants: dict[str, Value] = {}
        self.in_loop = False
        self.pieces: list[tuple[str, Expr]] = []

    def print(self, expr: Expr) -> str:
        """The code of an expression."""
        return self.code(expr).text

    def code(self, expr: Expr) -> Code:
        """The code of an expression, with its strength."""
        code = self.rules[type(expr)](self, expr)
        self.pieces.append((code.text, expr))
        return code

    def taken(self) -> Pieces:
        """The pieces since they were last taken, operands before what is made of them."""
        pieces, self.pieces = tuple(self.pieces), []
        return pieces

    # -- sizes and shapes --------------------------------------------------------------------------------------------

    def size(self, size: Size) -> str:
        """A size as code, as the formatter would write it."""
        self.used |= dict.fromkeys(size.atoms)
        return size.text(" ")

    def shape(self, shape: Shape, lead: Lead) -> str:
        """A shape with the axes in front of it, as the code of a tuple."""
        self.used |= dict.fromkeys(("time", "batch")[2 - min(lead, 2) :])
        parts = [*LEADS[lead], *(self.size(size) for size in shape)]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def made(self, template: str, *values: str) -> str:
        """Code that makes an array, of the kind that the procedure computes with."""
        return template.format(*values, like=self.like)

    def once(self, text: str, shape: Shape = (), lead: Lead = Lead.NONE) -> str:
        """What is the same in every step is made once, before the loop, and has a name in it."""
        if not self.in_loop:
            return text
        name = f"_constant{len(self.constants) + 1}"
        return self.constants.setdefault(text, Value(name, Buffer(name, lead, shape))).code

    def needs(self, word: str) -> None:
        """Note the function of the runtime that a word's code calls."""
        if word in self.spelling.helpers:
            self.helpers[self.spelling.helpers[word]] = None

    # -- values --------------------------------------------------------------------------------------------------------

    def array(self, expr: Expr) -> str:
        """A value as an array: a number must not have the host's type."""
        text = self.print(expr)
        return self.once(self.made(self.spelling.scalar, text)) if is_number(expr) else text

    def value(self, expr: Expr) -> str:
        """A value that a variable gets or that is returned; what has no axes must stay an array."""
        if is_number(expr) or expr.lead is not Lead.NONE or expr.shape:
            return self.array(expr)
        return self.spelling.result.format(self.print(expr))


Rules = Mapping[type[Expr], Callable[[Printer, Any], Code]]
