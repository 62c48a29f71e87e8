"""The number that each dimension symbol is, read off the shapes of given arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..checker import shown
from ..sizes import Shape, Size
from ._foreign_arrays import LayoutError

Values = Mapping[str, np.ndarray[Any, np.dtype[Any]]]


def solved(what: str, shapes: Mapping[str, Shape], given: Values) -> dict[str, int]:
    """Dimension symbol → number. `what` begins a message: "LSTM.keras: array".

    Raises:
        LayoutError: an array has a shape that the others contradict, or no shape shows the value of a symbol.

    """
    known, origin = _voted(shapes, given)
    problems = [
        (*found, name) for name, shape in shapes.items() for found in _problems(shape, given[name].shape, known)
    ]
    if not problems:
        return known
    _, problem, name = min(problems, key=lambda found: found[0])  # the first of the surest
    seen = ", ".join(f"{dim} = {size} (from `{origin[dim]}`)" for dim, size in known.items())
    facts = f"; {seen}" if seen else ""
    help_ = "; its transpose fits" if _fits_turned(shapes, given, name) else ""
    raise LayoutError(f"{what} `{name}` has shape {given[name].shape}; expected {problem}{facts}{help_}")


def _voted(shapes: Mapping[str, Shape], given: Values) -> tuple[dict[str, int], dict[str, str]]:
    """The sizes on which most axes agree, and an array that shows each: so the odd one out is to blame."""
    axes = [(name, size, got) for name, shape in shapes.items() for size, got in zip(shape, given[name].shape)]  # noqa: B905  ranks are compared later
    known: dict[str, int] = {}
    origin: dict[str, str] = {}
    while True:
        votes: dict[tuple[str, int], list[str]] = {}
        for name, size, got in axes:
            left = _at(size, known)
            if len(left.atoms) == 1 and (value := _root(left, left.atoms[0], got)):
                votes.setdefault((left.atoms[0], value), []).append(name)
        if not votes:
            return known, origin
        (dim, value), names = max(votes.items(), key=lambda vote: len(vote[1]))
        known[dim], origin[dim] = value, names[0]


def _fits_turned(shapes: Mapping[str, Shape], given: Values, name: str) -> bool:
    """Whether all would agree if this array were its transpose."""
    turned = {**given, name: given[name].T}
    known, _ = _voted(shapes, turned)
    return not any(_problems(shape, turned[own].shape, known) for own, shape in shapes.items())


def _problems(shape: Shape, got: tuple[int, ...], known: Mapping[str, int]) -> list[tuple[int, str]]:
    """The faults of an array's shape: the number of symbols that stayed unknown, and the shape that was expected."""
    if len(shape) != len(got):
        return [(0, f"{shown(shape)}, {len(shape)} {'axis' if len(shape) == 1 else 'axes'}")]
    found = []
    for axis, (size, number) in enumerate(zip(shape, got, strict=True)):
        left = _at(size, known)
        if left.constant is None and len(left.atoms) == 1:
            found.append((1, f"{shown(shape)}: no size {left.atoms[0]} makes axis {axis}, {size}, be {number}"))
        elif left.constant is None:
            found.append((2, f"{shown(shape)}: no array says what {' and '.join(left.atoms)} are"))
        elif left.constant != number:
            value = "" if size.constant is not None else f" = {left.constant}"
            found.append((0, f"{shown(shape)}: axis {axis} is {number}, not {size}{value}"))
    return found


def _at(size: Size, known: Mapping[str, int]) -> Size:
    return size.substitute(lambda atom: Size.of(known[atom]) if atom in known else None)


def _root(size: Size, symbol: str, value: int) -> int:
    """The positive integer that the one symbol of a size is when the size is `value`; 0 when there is none.

    A size grows with its symbol, so that bisection finds it.
    """
    low, high = 1, max(1, value)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if size.at({symbol: middle}) < value else (low, middle)
    return low if size.at({symbol: low}) == value else 0
