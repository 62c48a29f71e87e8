"""The options of an audit as callers give them: in the form that it needs, or refused in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..diagnostics import said, written
from ..language import Role, System
from ..nodes import real
from ..sizes import whole
from ._parts_and_slots import Shape, symbolic
from ._trees import TooDeep, Tree, flat

LARGEST = 10**6  # of a size: code is called hundreds of times
SPARE = 8  # how many more numbers than its arrays have the parameters may have, before sizes are a slip


class NoOption(Exception):
    """An option that cannot be used; the message says why."""


def sizes_of(given: object, dims: Sequence[str]) -> dict[str, int] | None:
    """The sizes of the dimension symbols; None where they are to be found. Raises NoOption."""
    if given is None:
        return None
    found: dict[str, int] = {}
    for name, value in _mapping("sizes", given, dims).items():
        size = whole(value)
        if size is None or not 1 <= size <= LARGEST:
            raise NoOption(f"sizes[{name!r}] is {written(value)}; expected an integer from 1 to {LARGEST:,}")
        found[name] = size
    if missing := [dim for dim in dims if dim not in found]:
        raise NoOption(f"sizes={{…}} lacks {', '.join(missing)}")
    return found


def constants_of(given: object, system: System) -> dict[str, float]:
    """Values of constants. Raises NoOption."""
    found: dict[str, float] = {}
    known = system.having(Role.CONSTANT)
    for name, value in _mapping("constants", {} if given is None else given, known).items():
        number = real(value)
        if number is None or not math.isfinite(number):
            raise NoOption(f"constants[{name!r}] is {written(value)}; expected a finite number")
        found[name] = number
    return found


def seed_of(given: object) -> int:
    """The seed of the random points. Raises NoOption."""
    seed = whole(given)
    if seed is None or not 0 <= seed < 2**63:
        raise NoOption(f"seed is {written(given)}; expected an integer, 0 or more")
    return seed


def shapes_of(arrays: Tree) -> dict[str, Shape]:
    """The shapes of a function's arrays under their names. Raises TypeError for what are no arrays of numbers."""
    try:
        leaves = flat(arrays)
    except TooDeep as error:
        raise TypeError(f"arrays={written(arrays)} is no tree of arrays: {error}") from None
    if not leaves:
        raise TypeError(f"arrays={written(arrays)} has no arrays; expected {{name: array}}")
    return {name: _shape(name, value) for name, value in leaves.items()}


def require_room(system: System, sizes: Mapping[str, int], shapes: Mapping[str, Shape]) -> None:
    """Raise NoOption for sizes at which the parameters have many times the numbers of the code's arrays."""
    wanted = sum(math.prod(size.at(sizes) for size in shape) for _, shape in symbolic(system))
    has = sum(map(math.prod, shapes.values()))
    if wanted > SPARE * max(has, 1000):
        raise NoOption(f"at these sizes the parameters have {wanted:,} numbers, and its arrays {has:,}")


def _shape(name: str, value: Any) -> Shape:
    try:
        shape = tuple(int(length) for length in np.shape(value))
        kind = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value).dtype.kind
    except Exception as error:  # a tensor without data, or a class of somebody else's
        raise TypeError(f"arrays[{name!r}] is {written(value)}, which NumPy cannot take: {said(error)}") from error
    if kind in "OSUM":
        raise TypeError(f"arrays[{name!r}] is {written(value)}; expected an array of numbers")
    return shape


def _mapping(what: str, given: object, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise NoOption(
            f"{what} is {written(given)}; expected {{name: value}} with names of {', '.join(known) or 'none'}"
        )
    if unknown := [name for name in given if not isinstance(name, str) or name not in known]:
        shown = unknown[0] if isinstance(unknown[0], str) else written(unknown[0])
        raise NoOption(f"the cell has no {what.removesuffix('s')} `{shown}`; it has {', '.join(known) or 'none'}")
    return given
