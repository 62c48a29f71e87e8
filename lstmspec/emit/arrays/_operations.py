"""Code of operations: a word of the table for most, a rule of their own for those that change a shape."""

from __future__ import annotations

from typing import cast

from ...procedure import Apply
from ...sizes import Size
from ._code import Code, is_number
from ._printer import CannotPrint, Printer
from ._spelling import ATOM
from ._structure import STRUCTURAL


def apply(printer: Printer, expr: Apply) -> Code:
    """An operation of the table."""
    if expr.op in printer.spelling.elementwise:
        return elementwise(printer, expr)
    if expr.op in printer.spelling.features:
        return along(printer, expr)
    if expr.op not in STRUCTURAL:
        raise CannotPrint(expr.op)
    return STRUCTURAL[expr.op](printer, expr)


def elementwise(printer: Printer, expr: Apply) -> Code:
    """A function of the elements, by its word; a number must not have the host's type where arrays are wanted."""
    word = printer.spelling.elementwise[expr.op]
    printer.needs(expr.op)
    values = expr.args[1:] if expr.op == "where" else expr.args
    numbers = [is_number(arg) for arg in values]
    if not word.operator and all(numbers):
        conditions = [printer.code(arg).text for arg in expr.args[: len(expr.args) - len(values)]]
        return Code(word.template.format(*conditions, *(printer.array(arg) for arg in values)), word.level)
    if word.with_number and any(numbers):
        array, number = values if numbers[1] else values[::-1]
        return Code(word.with_number.format(printer.code(array).text, printer.code(number).text))
    parts = [printer.code(arg).at(level) for arg, level in zip(expr.args, word.levels, strict=True)]
    return Code(word.template.format(*parts), word.level)


def along(printer: Printer, expr: Apply) -> Code:
    """An operation along the features."""
    (arg,) = expr.args
    printer.needs(expr.op)
    count = printer.size(cast(Size, expr.attrs[0])) if expr.attrs else ""
    groups, whole = (printer.size(shape[0]) if shape and expr.attrs else "" for shape in (expr.shape, arg.shape))
    return Code(printer.spelling.features[expr.op].format(printer.code(arg).at(ATOM), count, groups, whole))
