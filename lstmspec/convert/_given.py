"""Arrays and numbers as callers give them; LayoutError for anything else."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..diagnostics import one_line, said, written
from ..nodes import real
from ._foreign_arrays import Array, LayoutError, Part

NumPyArray = np.ndarray[Any, np.dtype[Any]]


def arrays_of(owner: str, given: object) -> tuple[Array, ...]:
    """The arrays of a layout. Raises LayoutError."""
    found = tuple(given) if isinstance(given, tuple | list | Iterator) else (given,)
    for array in found:
        if not isinstance(array, Array):
            raise LayoutError(f"{owner}: {written(array)} is no array of a layout; expected Array(name, rows of parts)")
        grid = array.grid
        if not isinstance(grid, tuple) or not all(isinstance(row, tuple) and all(map(_fits, row)) for row in grid):
            expected = "rows of parts, ((Part('W_f', 0),), …); None where there is none"
            raise LayoutError(f"{owner}: array `{array.name}` has the grid {written(grid)}; expected {expected}")
    return found


def _fits(part: object) -> bool:
    return part is None or isinstance(part, Part)


def offsets_of(owner: str, given: object) -> dict[str, float]:
    """Parameter → number. Raises LayoutError."""
    found: dict[str, float] = {}
    for name, value in mapping_of(f"{owner}: offsets", given).items():
        number = real(value)
        if number is None or not math.isfinite(number):
            raise LayoutError(f"{owner}: the offset of `{name}` is {written(value)}; expected a finite number")
        found[name] = number
    return found


def mapping_of(what: str, given: Any) -> Mapping[str, Any]:
    """A mapping from names, such as a `state_dict()`. Raises LayoutError."""
    if not isinstance(given, Mapping):
        raise LayoutError(f"{what} are {written(given)}; expected a mapping from names, such as module.state_dict()")
    return given


def require_names(what: str, expected: Iterable[str], given: Iterable[str]) -> None:
    """Raise LayoutError unless both are the same names."""
    wanted, got = list(expected), [one_line(name) if isinstance(name, str) else written(name) for name in given]
    missing, surplus = [n for n in wanted if n not in got], [n for n in got if n not in wanted]
    if not missing and not surplus:
        return
    parts = [f"{what}s {missing} are missing"] if missing else []
    parts += [f"{surplus} are not in this layout" if parts else f"{what}s {surplus} are not in this layout"]
    guesses = {name: difflib.get_close_matches(name, missing, 1) for name in surplus}
    hints = [f"; is `{name}` meant as `{near[0]}`?" for name, near in guesses.items() if near]
    raise LayoutError(f"{'; '.join(parts if surplus else parts[:1])}; expected {wanted}{''.join(hints)}")


def as_numpy(what: str, value: Any) -> NumPyArray:
    """An array of floating numbers, from NumPy's, a tensor, or anything that NumPy takes."""
    try:
        # A tensor: it may need gradients, and may be on a device.
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except Exception as error:  # a tensor may be on a device without data, and other arrays are code of others
        message = f"{what} cannot be had as a NumPy array: {said(error)}; convert it to float32 first"
        raise LayoutError(message) from error
    if array.dtype.kind != "f" and "float" not in array.dtype.name:  # bfloat16 and its like are of kind V
        raise LayoutError(f"{what} has dtype {array.dtype}; expected a floating one")
    return array
