"""Numbers as users write them: Python's, NumPy's, SymPy's, decimals, fractions, arrays and tensors without axes."""

from __future__ import annotations

import decimal
import math
import numbers

import numpy as np
import sympy

from ..sizes import scalar_in


def real(value: object) -> float | None:
    """The real number that a value is, infinite where float64 has none so large; None where it is none.

    A truth value is none, and no complex number is one.
    """
    number = scalar_in(value)
    if isinstance(number, bool | np.bool_ | np.timedelta64) or value is np.ma.masked:
        return None
    try:
        if isinstance(number, sympy.Expr):
            return float(number) if _is_real(number) else None
        return float(number) if isinstance(number, numbers.Real | decimal.Decimal) else None
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):  # a decimal's signalling NaN, and what SymPy cannot evaluate
        return math.nan


def _is_real(number: sympy.Expr) -> bool:
    return bool(number.is_number) and (number.is_extended_real is True or number is sympy.nan)
