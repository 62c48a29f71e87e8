"""The two sides in pieces of equal shapes: parts of a cell's parameters, and slots of another code's arrays.

A part is what belongs to one operand: of `W_f @ concat(x, h)` the columns of x, and those of h. A slot is a block of an
array. Whatever the order of gates, of operands and of rows and columns, each part lies in slots of its shape or of its
transpose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..convert import Part
from ..convert import pieces as parameters
from ..language import Role, System
from ..sizes import Shape as Symbols

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part with its shape."""

    part: Part
    shape: Shape


@dataclass(frozen=True, slots=True)
class Slot:
    """A block of an array: rows and columns of it as a matrix, a column vector, or a single number."""

    array: str
    place: tuple[int, int]
    rows: slice = field(compare=False)
    columns: slice = field(compare=False)
    shape: Shape = field(compare=False)

    whole: bool = field(compare=False, default=False)

    def __str__(self) -> str:
        if self.whole:
            return self.array
        cuts = [f"{cut.start}:{cut.stop}" for cut in (self.rows, self.columns)]
        return f"{self.array}[{cuts[0] if self.shape[1] == 1 else ', '.join(cuts)}]"


def pieces(system: System, sizes: Mapping[str, int]) -> tuple[Piece, ...]:
    """The parts of every parameter at fixed sizes."""
    return at_sizes(symbolic(system), sizes)


def symbolic(system: System) -> tuple[tuple[Part, Symbols], ...]:
    """The parts of every parameter, with their shapes in dimension symbols."""
    known = parameters(system)
    found: list[tuple[Part, Symbols]] = []
    for name, shape in known.shapes.items():
        parts = known.columns.get(name, ())
        found += [(Part(name, place), (shape[0], part.size)) for place, part in enumerate(parts)]
        found += [] if parts else [(Part(name), shape)]
    return tuple(found)


def constants_as_pieces(system: System) -> tuple[Piece, ...]:
    """Constants as parts: what the equations have as a number, other code may have learned."""
    return tuple(Piece(Part(name), ()) for name in system.having(Role.CONSTANT))


def at_sizes(parts: Sequence[tuple[Part, Symbols]], sizes: Mapping[str, int]) -> tuple[Piece, ...]:
    """Parts with numbers for sizes."""
    return tuple(Piece(part, tuple(size.at(sizes) for size in shape)) for part, shape in parts)


def joined(found: Sequence[Piece], values: Mapping[Part, Array]) -> dict[str, Array]:
    """The parameters from the values of their parts."""
    parts: dict[str, list[Array]] = {}
    for piece in found:
        parts.setdefault(piece.part.parameter, []).append(values[piece.part])
    return {name: own[0] if len(own) == 1 else np.concatenate(own, axis=1) for name, own in parts.items()}


def as_matrix(shape: Shape) -> Shape:
    """The shape of an array as rows and columns: axes of size 1 in front are dropped, vectors stand upright."""
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    return shape if len(shape) == 2 else (int(np.prod(shape)), 1)


def upright(shape: Shape) -> Shape:
    """A shape as rows and columns; a vector is one column."""
    return shape if len(shape) == 2 else (math.prod(shape), 1)
