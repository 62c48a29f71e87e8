"""Expressions of a procedure as code over arrays.

Invariant: an expression prints through the backend's closed table or not at all, and nothing of a spec reaches the text
but validated identifiers, numbers and sizes. What is printed is noted: sizes, helpers and constants that it needs.

A value has, in front of its own shape, the axes of its lead: none, (batch) in the loop, (time, batch) outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...procedure import (
    Apply,
    At,
    Buffer,
    Constant,
    Contraction,
    Copy,
    Expand,
    Expr,
    Extent,
    Fill,
    Lead,
    Local,
    Number,
    Product,
    Read,
    Spread,
    Total,
)
from ...sizes import Shape, Size
from ._line import Pieces, Value
from ._spelling import ATOM, PRODUCT, SUM, UNARY, Spelling

LEADS = {Lead.NONE: (), Lead.BATCH: ("batch",), Lead.STEPS: ("time", "batch"), Lead.HISTORY: ("time + 1", "batch")}
ENTRIES = {At.WHOLE: "", At.STEP: "[at]", At.STEP_AFTER: "[at + 1]", At.STEPS: "[:-1]", At.STEPS_AFTER: "[1:]"}


class CannotPrint(Exception):
    """An operation that a backend's table lacks."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text, and how tightly it binds."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """The text where an operand of that strength is needed."""
        return self.text if self.level >= level else f"({self.text})"


class Printer:
    """Prints the expressions of one procedure.

    Attributes:
        used: The dimensions, and time, batch and dtype, that the code reads.
        helpers: The functions of the runtime that it calls.
        constants: Code of what is the same in every step → the variable that holds it, made before the loop.
        in_loop: Whether the loop is printed.
        pieces: What was printed: code and the expression that it is of.

    """

    def __init__(self, spelling: Spelling, like: str) -> None:
        self.spelling = spelling
        self.like = like
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
        code = _RULES[type(expr)](self, expr)
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
        text = str(size)
        for sign in ("+", "-"):
            text = text.replace(sign, f" {sign} ") if not text.startswith(sign) else text
        return text.replace("*", " * ")

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

    # -- leaves ------------------------------------------------------------------------------------------------------

    def number(self, expr: Number) -> Code:
        """A number; whole ones without a point."""
        whole = expr.value.is_integer() and abs(expr.value) < 1e15
        return Code(repr(int(expr.value)) if whole else repr(expr.value), ATOM if expr.value >= 0 else UNARY)

    def extent(self, expr: Extent) -> Code:
        """A size as a number: an integer of the host's, not an array."""
        text = self.size(expr.size)
        return Code(text, ATOM if text.isidentifier() or text.isdigit() else SUM)

    def constant(self, expr: Constant) -> Code:
        """A number that users set."""
        return Code(f"{expr.record}.{expr.name}")

    def local(self, expr: Local) -> Code:
        """A variable."""
        return Code(expr.name)

    def read(self, expr: Read) -> Code:
        """A buffer, or entries of it."""
        return Code(called(expr.buffer) + ENTRIES[expr.at])

    def fill(self, expr: Fill) -> Code:
        """An array of one number."""
        template = {1.0: self.spelling.ones, 0.0: self.spelling.zeros}[expr.value]
        return Code(self.once(self.made(template, self.shape(expr.shape, expr.lead)), expr.shape, expr.lead))

    # -- shapes that change ------------------------------------------------------------------------------------------

    def expand(self, expr: Expand) -> Code:
        """A value for every sample, or every step and sample."""
        return Code(self.spelling.expand.format(self.array(expr.arg), self.shape(expr.shape, expr.lead)))

    def copy(self, expr: Copy) -> Code:
        """A value in memory of its own."""
        return Code(self.spelling.copy.format(self.code(expr.arg).at(ATOM)))

    def spread(self, expr: Spread) -> Code:
        """A scalar of each sample with axes of length one, which broadcast."""
        nones = ", ".join(["None"] * len(expr.shape))
        return Code(f"{self.code(expr.arg).at(ATOM)}[..., {nones}]")

    # -- operations --------------------------------------------------------------------------------------------------

    def apply(self, expr: Apply) -> Code:
        """An operation of the table."""
        if expr.op in self.spelling.elementwise:
            return self._elementwise(expr)
        if expr.op in self.spelling.features:
            return self._along(expr)
        if expr.op not in STRUCTURAL:
            raise CannotPrint(expr.op)
        return STRUCTURAL[expr.op](self, expr)

    def _elementwise(self, expr: Apply) -> Code:
        word = self.spelling.elementwise[expr.op]
        self.needs(expr.op)
        values = expr.args[1:] if expr.op == "where" else expr.args
        numbers = [is_number(arg) for arg in values]
        if not word.operator and all(numbers):
            conditions = [self.code(arg).text for arg in expr.args[: len(expr.args) - len(values)]]
            return Code(word.template.format(*conditions, *(self.array(arg) for arg in values)), word.level)
        if word.with_number and any(numbers):
            array, number = values if numbers[1] else values[::-1]
            return Code(word.with_number.format(self.code(array).text, self.code(number).text))
        parts = [self.code(arg).at(level) for arg, level in zip(expr.args, word.levels, strict=True)]
        return Code(word.template.format(*parts), word.level)

    def array(self, expr: Expr) -> str:
        """A value as an array: a number must not have the host's type."""
        text = self.print(expr)
        return self.once(self.made(self.spelling.scalar, text)) if is_number(expr) else text

    def value(self, expr: Expr) -> str:
        """A value that a variable gets or that is returned; what has no axes must stay an array."""
        if is_number(expr) or expr.lead is not Lead.NONE or expr.shape:
            return self.array(expr)
        return self.spelling.result.format(self.print(expr))

    def _along(self, expr: Apply) -> Code:
        (arg,) = expr.args
        self.needs(expr.op)
        count = self.size(cast(Size, expr.attrs[0])) if expr.attrs else ""
        groups, whole = (self.size(shape[0]) if shape and expr.attrs else "" for shape in (expr.shape, arg.shape))
        return Code(self.spelling.features[expr.op].format(self.code(arg).at(ATOM), count, groups, whole))

    def sum(self, expr: Apply) -> Code:
        """The sum over all own axes."""
        (arg,) = expr.args
        axes = {0: "", 1: "-1", 2: "(-2, -1)"}[len(arg.shape)]
        return Code(f"{self.code(arg).at(ATOM)}.sum({self.spelling.axis}={axes})") if axes else self.code(arg)

    def transpose(self, expr: Apply) -> Code:
        """The matrix of each sample, transposed."""
        (arg,) = expr.args
        return self._turned(self.code(arg), arg, True)

    def slice(self, expr: Apply) -> Code:
        """Some rows, or some columns."""
        (arg,) = expr.args
        axis, start, stop = cast(tuple[int, Size, Size], expr.attrs)
        cut = f"{self.size(start) if start.terms else ''}:{self.size(stop) if stop != arg.shape[axis] else ''}"
        behind = ", :" * (len(arg.shape) - 1 - axis)
        return Code(f"{self.code(arg).at(ATOM)}[{f'..., {cut}{behind}' if arg.lead else ':, ' * axis + cut}]")

    def concat(self, expr: Apply) -> Code:
        """Parts below one another."""
        parts = ", ".join(self.array(arg) for arg in expr.args)
        return Code(self.spelling.concat.format(parts, -len(expr.shape)))

    def pad(self, expr: Apply) -> Code:
        """Zeros before and behind, along an axis."""
        self.needs("pad")
        axis, start, stop, whole = cast(tuple[int, Size, Size, Size], expr.attrs)
        last, behind = len(expr.shape) - axis, (whole - stop).ordered(whole.atoms)
        text = self.print(expr.args[0])
        return Code(self.spelling.pad.format(text, self.size(start), self.size(behind), -last, "0, 0, " * (last - 1)))

    def diag(self, expr: Apply) -> Code:
        """The matrix with a vector on its diagonal."""
        eye = self.once(self.made(self.spelling.eye, self.size(expr.shape[0])), expr.shape)
        return Code(f"{self.code(expr.args[0]).at(ATOM)}[..., None] * {eye}", PRODUCT)

    def diagonal(self, expr: Apply) -> Code:
        """The diagonal of a matrix."""
        return Code(self.spelling.diagonal.format(self.print(expr.args[0])))

    def every(self, expr: Apply) -> Code:
        """A scalar for every element of a shape, in memory."""
        (arg,) = expr.args
        nones = ", ".join(["None"] * len(expr.shape))
        spread = (
            f"{Code(self.array(arg), self.code(arg).level).at(ATOM)}[..., {nones}]" if arg.lead else self.array(arg)
        )
        return Code(self.spelling.expand.format(spread, self.shape(expr.shape, expr.lead)))

    # -- products ----------------------------------------------------------------------------------------------------

    def product(self, expr: Product) -> Code:
        """A product for each sample, or summed over all."""
        if expr.kind is Contraction.OUTER and expr.summed:
            self.needs("flat")
            return Code(f"flat({self.print(expr.left)}).T @ flat({self.print(expr.right)})", PRODUCT)
        left, right = self.code(expr.left), self.code(expr.right)
        if expr.kind is Contraction.OUTER:
            return Code(f"{left.at(ATOM)}[..., :, None] * {right.at(ATOM)}[..., None, :]", PRODUCT)
        if expr.kind is Contraction.DOT:
            return Code(f"({left.at(PRODUCT)} * {right.at(PRODUCT + 1)}).sum({self.spelling.axis}=-1)")
        return self._matmul(expr, left, right)

    def _matmul(self, expr: Product, left: Code, right: Code) -> Code:
        if len(expr.right.shape) == 2 or not expr.right.lead:
            left, right = self._turned(left, expr.left, expr.turned[0]), self._turned(right, expr.right, expr.turned[1])
            return Code(f"{left.at(PRODUCT)} @ {right.at(PRODUCT + 1)}", PRODUCT)
        if expr.left.lead:
            matrix = self._turned(left, expr.left, expr.turned[0])
            return Code(f"({matrix.at(PRODUCT)} @ {right.at(ATOM)}[..., None])[..., 0]")
        # Rows are samples: (W v) for each of them is v Wᵀ.
        weight = self._turned(left, expr.left, not expr.turned[0])
        return Code(f"{right.at(PRODUCT)} @ {weight.at(PRODUCT + 1)}", PRODUCT)

    def _turned(self, code: Code, expr: Expr, turned: bool) -> Code:
        return Code(f"{code.at(ATOM)}.{'mT' if expr.lead else 'T'}") if turned else code

    def total(self, expr: Total) -> Code:
        """The sum over all samples and steps."""
        return Code(f"{self.code(expr.arg).at(ATOM)}.sum({self.spelling.axis}=(0, 1))")


def is_number(expr: Expr) -> bool:
    """Whether a value is a number of the host's, not an array."""
    if isinstance(expr, Apply):
        return expr.op in ("add", "sub", "mul", "div", "neg", "pow") and all(is_number(arg) for arg in expr.args)
    return isinstance(expr, Number | Extent | Constant)


def called(buffer: Buffer) -> str:
    """A buffer's name in code: that of an argument's field, or its own."""
    return f"{buffer.record}.{buffer.name}" if buffer.record else buffer.name


_RULES: Mapping[type[Expr], Callable[[Printer, Any], Code]] = {
    Number: Printer.number,
    Extent: Printer.extent,
    Constant: Printer.constant,
    Local: Printer.local,
    Read: Printer.read,
    Fill: Printer.fill,
    Expand: Printer.expand,
    Copy: Printer.copy,
    Spread: Printer.spread,
    Apply: Printer.apply,
    Product: Printer.product,
    Total: Printer.total,
}
STRUCTURAL: Mapping[str, Callable[[Printer, Apply], Code]] = {
    "sum": Printer.sum,
    "transpose": Printer.transpose,
    "slice": Printer.slice,
    "concat": Printer.concat,
    "pad": Printer.pad,
    "diag": Printer.diag,
    "diagonal": Printer.diagonal,
    "spread": Printer.every,
}
