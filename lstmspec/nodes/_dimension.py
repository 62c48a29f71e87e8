"""Sizes as users write them in expressions and declarations, refused with a finding where they are none."""

from __future__ import annotations

import sympy

from ..diagnostics import Code, SpecError, fitting, found_before, refused
from ..sizes import NotADimension, NotWhole, Size, size_from
from ..sizes import dims as sizes_of
from ._refused_operators import Refusing

_EXPECTED = 'dimensions are symbols of `n, k = dims("n k")`, sums and products of them, or positive integers'
_WHOLE = 'declare it as a product: `C, K = dims("C K")`, and write C*K for the whole and K for its part'


class Reported:
    """What stands for something that a finding was made of already; nothing more is said of it."""

    __slots__ = ()


@fitting
def dims(names: str) -> tuple[sympy.Symbol, ...]:
    """Dimension symbols, one for each name: `n, k = dims("n k")`.

    Each is a SymPy symbol, integer and positive, so that `n + k` and `4*k` are dimensions too. A dimension symbol is
    free: the checker proves equations for every value of it and never solves for it.

    Raises:
        SpecError: LS202 when a name is no Python identifier, is a keyword, or is given twice.

    """
    try:
        return sizes_of(names)
    except NotADimension as error:
        raise refused(Code.LS202, str(error), help='one text with plain names: n, k = dims("n k")') from None


def dimension(value: object, what: str = "") -> Size:
    """The canonical form of a dimension; `what` takes it.

    Raises:
        SpecError: LS205 when it is none, LS108 when it is not always a whole number.

    """
    if isinstance(value, Reported):
        raise SpecError(found_before())  # what follows from it is its echo
    if isinstance(value, Refusing):
        message = "an expression is not a dimension"
        raise refused(Code.LS205, f"{what}: {message}" if what else message, help=_EXPECTED)
    try:
        return size_from(value)
    except NotADimension as error:
        code, help_ = (Code.LS108, _WHOLE) if isinstance(error, NotWhole) else (Code.LS205, _EXPECTED)
        raise refused(code, f"{what}: {error}" if what else str(error), help=help_) from None
