"""Sizes as users write them in expressions and declarations, refused with a finding where they are none."""

from __future__ import annotations

from ..diagnostics import Code, SpecError, found_before, refused
from ..sizes import NotADimension, NotWhole, Size, size_from

_EXPECTED = 'dimensions are symbols of `n, k = dims("n k")`, sums and products of them, or positive integers'
_WHOLE = 'declare it as a product: `C, K = dims("C K")`, and write C*K for the whole and K for its part'


class Reported:
    """What stands for something that a finding was made of already; nothing more is said of it."""

    __slots__ = ()


def dimension(value: object, what: str = "") -> Size:
    """The canonical form of a dimension; `what` takes it.

    Raises:
        SpecError: LS205 when it is none, LS108 when it is not always a whole number.

    """
    if isinstance(value, Reported):
        raise SpecError(found_before())  # what follows from it is its echo
    try:
        return size_from(value)
    except NotADimension as error:
        code, help_ = (Code.LS108, _WHOLE) if isinstance(error, NotWhole) else (Code.LS205, _EXPECTED)
        raise refused(code, f"{what}: {error}" if what else str(error), help=help_) from None
