"""Code of numbers, variables and buffers."""

from __future__ import annotations

from ...nodes import number_text
from ...procedure import Constant, Extent, Fill, Local, Number, Read
from ._code import ENTRIES, Code, called
from ._printer import Printer
from ._spelling import ATOM, SUM, UNARY


def number(printer: Printer, expr: Number) -> Code:
    """A number."""
    return Code(number_text(expr.value), ATOM if expr.value >= 0 else UNARY)


def extent(printer: Printer, expr: Extent) -> Code:
    """A size as a number: an integer of the host's, not an array."""
    text = printer.size(expr.size)
    return Code(text, ATOM if text.isidentifier() or text.isdigit() else SUM)


def constant(printer: Printer, expr: Constant) -> Code:
    """A number that users set."""
    return Code(f"{expr.record}.{expr.name}")


def local(printer: Printer, expr: Local) -> Code:
    """A variable."""
    return Code(expr.name)


def read(printer: Printer, expr: Read) -> Code:
    """A buffer, or entries of it."""
    return Code(called(expr.buffer) + ENTRIES[expr.at])


def fill(printer: Printer, expr: Fill) -> Code:
    """An array of one number."""
    template = {1.0: printer.spelling.ones, 0.0: printer.spelling.zeros}[expr.value]
    return Code(printer.once(printer.made(template, printer.shape(expr.shape, expr.lead)), expr.shape, expr.lead))
