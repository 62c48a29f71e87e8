"""The two sides in equal shapes: parts of a cell's parameters, and slots of another code's arrays.

A part belongs to one operand: of `W_f @ concat(x, h)` the columns of x, and those of h. A slot is a block of an
array. Whatever the order of gates, of operands and of rows and columns, each part lies in slots of its shape or of its
transpose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..convert import Part, parameters_of
from ..language import Role, System
from ..sizes import Shape as Symbols

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SizedPart:
    """A part of ours with its shape at fixed sizes."""

    part: Part
    shape: Shape


@dataclass(frozen=True, slots=True)
class Slot:
    """A block of an array of theirs: rows and columns of it as a matrix, a column vector, or a single number.

    `index` counts the blocks of the array, down and across; `whole` is set when there is only one.
    """

    array: str
    index: tuple[int, int]
    rows: slice = field(compare=False)
    columns: slice = field(compare=False)
    shape: Shape = field(compare=False)
    whole: bool = field(compare=False, default=False)

    def __str__(self) -> str:
        if self.whole:
            return self.array
        cuts = [f"{cut.start}:{cut.stop}" for cut in (self.rows, self.columns)]
        return f"{self.array}[{cuts[0] if self.shape[1] == 1 else ', '.join(cuts)}]"


def sized_parts(system: System, sizes: Mapping[str, int]) -> tuple[SizedPart, ...]:
    """The parts of every parameter at fixed sizes."""
    return at_sizes(symbolic(system), sizes)


def symbolic(system: System) -> tuple[tuple[Part, Symbols], ...]:
    """The parts of every parameter, with their shapes in dimension symbols."""
    known = parameters_of(system)
    found: list[tuple[Part, Symbols]] = []
    for name, shape in known.shapes.items():
        parts = known.columns.get(name, ())
        found += [(Part(name, at), (shape[0], part.size)) for at, part in enumerate(parts)]
        found += [] if parts else [(Part(name), shape)]
    return tuple(found)


def constants_as_parts(system: System) -> tuple[SizedPart, ...]:
    """Constants as parts: a number of the equations may be learned in other code."""
    return tuple(SizedPart(Part(name), ()) for name in system.having(Role.CONSTANT))


def at_sizes(parts: Sequence[tuple[Part, Symbols]], sizes: Mapping[str, int]) -> tuple[SizedPart, ...]:
    """Parts with numbers for sizes."""
    return tuple(SizedPart(part, tuple(size.at(sizes) for size in shape)) for part, shape in parts)


def joined(found: Sequence[SizedPart], values: Mapping[Part, Array]) -> dict[str, Array]:
    """The parameters from the values of their parts."""
    parts: dict[str, list[Array]] = {}
    for sized in found:
        parts.setdefault(sized.part.parameter, []).append(values[sized.part])
    return {name: own[0] if len(own) == 1 else np.concatenate(own, axis=1) for name, own in parts.items()}


def as_matrix(shape: Shape) -> Shape:
    """The shape of an array as rows and columns: axes of size 1 in front are dropped, vectors stand upright."""
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    return shape if len(shape) == 2 else (int(np.prod(shape)), 1)


def upright(shape: Shape) -> Shape:
    """A shape as rows and columns; a vector is one column."""
    return shape if len(shape) == 2 else (math.prod(shape), 1)
