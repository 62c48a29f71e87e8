"""Whole numbers and numbers of arrays without axes: NumPy's and PyTorch's kinds are as good as Python's own."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np


def scalar_in(value: object) -> object:
    """The number in an array or tensor without axes; any other value as it is."""
    given: Any = value
    try:
        if isinstance(value, np.generic) or getattr(value, "shape", None) != ():
            return value
        return given.item()
    except Exception:  # a tensor without data, or a class of the user's, which may raise anything
        return value


def whole(value: object) -> int | None:
    """The integer that a value is, of whatever kind; None where it is none. A truth value is none."""
    number = scalar_in(value)
    if isinstance(number, bool | np.bool_) or not isinstance(number, numbers.Integral):
        return None
    return int(number)
