"""The rules of the printer, one for each kind of expression."""

from __future__ import annotations

from ...procedure import Apply, Constant, Copy, Expand, Extent, Fill, Local, Number, Product, Read, Spread, Total
from . import _leaves, _products, _structure
from ._operations import apply
from ._printer import Printer, Rules
from ._spelling import Spelling

RULES: Rules = {
    Number: _leaves.number,
    Extent: _leaves.extent,
    Constant: _leaves.constant,
    Local: _leaves.local,
    Read: _leaves.read,
    Fill: _leaves.fill,
    Expand: _structure.expand,
    Copy: _structure.copy,
    Spread: _structure.spread,
    Apply: apply,
    Product: _products.product,
    Total: _products.total,
}


def printer_for(spelling: Spelling, like: str) -> Printer:
    """A printer with a library's words.

    Args:
        spelling: The words.
        like: The array whose type the others get.

    """
    return Printer(spelling, like, RULES)
