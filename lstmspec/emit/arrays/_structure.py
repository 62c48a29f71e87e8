"""Code of values of another shape: parts, stacks, and copies along axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from ...procedure import Apply, Copy, Expand, Spread
from ...sizes import Size
from ._code import Code, turned
from ._printer import Printer
from ._spelling import ATOM, PRODUCT


def expand(printer: Printer, expr: Expand) -> Code:
    """A value for every sample, or every step and sample."""
    return Code(printer.spelling.expand.format(printer.array(expr.arg), printer.shape(expr.shape, expr.lead)))


def copy(printer: Printer, expr: Copy) -> Code:
    """A value in memory of its own."""
    return Code(printer.spelling.copy.format(printer.code(expr.arg).at(ATOM)))


def spread(printer: Printer, expr: Spread) -> Code:
    """A scalar of each sample with axes of length one, which broadcast."""
    nones = ", ".join(["None"] * len(expr.shape))
    return Code(f"{printer.code(expr.arg).at(ATOM)}[..., {nones}]")


def sum_(printer: Printer, expr: Apply) -> Code:
    """The sum over all own axes."""
    (arg,) = expr.args
    axes = {0: "", 1: "-1", 2: "(-2, -1)"}[len(arg.shape)]
    return Code(f"{printer.code(arg).at(ATOM)}.sum({printer.spelling.axis}={axes})") if axes else printer.code(arg)


def transpose(printer: Printer, expr: Apply) -> Code:
    """The matrix of each sample, transposed."""
    (arg,) = expr.args
    return turned(printer.code(arg), arg, True)


def slice_(printer: Printer, expr: Apply) -> Code:
    """Some rows, or some columns."""
    (arg,) = expr.args
    axis, start, stop = cast(tuple[int, Size, Size], expr.attrs)
    cut = f"{printer.size(start) if start.terms else ''}:{printer.size(stop) if stop != arg.shape[axis] else ''}"
    behind = ", :" * (len(arg.shape) - 1 - axis)
    return Code(f"{printer.code(arg).at(ATOM)}[{f'..., {cut}{behind}' if arg.lead else ':, ' * axis + cut}]")


def concat(printer: Printer, expr: Apply) -> Code:
    """Parts below one another."""
    parts = ", ".join(printer.array(arg) for arg in expr.args)
    return Code(printer.spelling.concat.format(parts, -len(expr.shape)))


def pad(printer: Printer, expr: Apply) -> Code:
    """Zeros before and behind, along an axis."""
    printer.needs("padded")
    axis, start, stop, whole = cast(tuple[int, Size, Size, Size], expr.attrs)
    last, behind = len(expr.shape) - axis, (whole - stop).ordered(whole.atoms)
    return Code(f"padded({printer.print(expr.args[0])}, {printer.size(start)}, {printer.size(behind)}, {-last})")


def diag(printer: Printer, expr: Apply) -> Code:
    """The matrix with a vector on its diagonal."""
    eye = printer.once(printer.made(printer.spelling.eye, printer.size(expr.shape[0])), expr.shape)
    return Code(f"{printer.code(expr.args[0]).at(ATOM)}[..., None] * {eye}", PRODUCT)


def diagonal(printer: Printer, expr: Apply) -> Code:
    """The diagonal of a matrix."""
    return Code(printer.spelling.diagonal.format(printer.print(expr.args[0])))


def every(printer: Printer, expr: Apply) -> Code:
    """A scalar for every element of a shape, in memory."""
    (arg,) = expr.args
    nones = ", ".join(["None"] * len(expr.shape))
    spread = (
        f"{Code(printer.array(arg), printer.code(arg).level).at(ATOM)}[..., {nones}]"
        if arg.lead
        else printer.array(arg)
    )
    return Code(printer.spelling.expand.format(spread, printer.shape(expr.shape, expr.lead)))


STRUCTURAL: Mapping[str, Callable[[Printer, Apply], Code]] = {
    "sum": sum_,
    "transpose": transpose,
    "slice": slice_,
    "concat": concat,
    "pad": pad,
    "diag": diag,
    "diagonal": diagonal,
    "spread": every,
}
