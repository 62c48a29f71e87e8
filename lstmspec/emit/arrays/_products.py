"""Code of products and of sums over all samples."""

from __future__ import annotations

from ...procedure import Contraction, Product, Total
from ._code import Code, turned
from ._printer import Printer
from ._spelling import ATOM, PRODUCT


def product(printer: Printer, expr: Product) -> Code:
    """A product for each sample, or summed over all."""
    if expr.kind is Contraction.OUTER and expr.summed:
        printer.needs("flat")
        return Code(f"flat({printer.print(expr.left)}).T @ flat({printer.print(expr.right)})", PRODUCT)
    left, right = printer.code(expr.left), printer.code(expr.right)
    if expr.kind is Contraction.OUTER:
        return Code(f"{left.at(ATOM)}[..., :, None] * {right.at(ATOM)}[..., None, :]", PRODUCT)
    if expr.kind is Contraction.DOT:
        return Code(f"({left.at(PRODUCT)} * {right.at(PRODUCT + 1)}).sum({printer.spelling.axis}=-1)")
    return _matmul(printer, expr, left, right)


def _matmul(printer: Printer, expr: Product, left: Code, right: Code) -> Code:
    if len(expr.right.shape) == 2 or not expr.right.lead:
        left, right = turned(left, expr.left, expr.turned[0]), turned(right, expr.right, expr.turned[1])
        return Code(f"{left.at(PRODUCT)} @ {right.at(PRODUCT + 1)}", PRODUCT)
    if expr.left.lead:
        matrix = turned(left, expr.left, expr.turned[0])
        return Code(f"({matrix.at(PRODUCT)} @ {right.at(ATOM)}[..., None])[..., 0]")
    # Rows are samples: (W v) for each of them is v Wᵀ.
    weight = turned(left, expr.left, not expr.turned[0])
    return Code(f"{right.at(PRODUCT)} @ {weight.at(PRODUCT + 1)}", PRODUCT)


def total(printer: Printer, expr: Total) -> Code:
    """The sum over all samples and steps."""
    return Code(f"{printer.code(expr.arg).at(ATOM)}.sum({printer.spelling.axis}=(0, 1))")
