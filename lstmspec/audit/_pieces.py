"""The two sides in pieces of equal shapes: parts of a cell's parameters, and slots of another code's arrays.

A part is what belongs to one operand: of `W_f @ concat(x, h)` the columns of x, and those of h. A slot is a block of an
array. Whatever the order of gates, of operands and of rows and columns, each part lies in slots of its shape or of its
transpose.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..convert import Part
from ..convert import pieces as parameters
from ..dims import Shape as Symbols
from ..spec import Role, System

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]
MANY = 4096  # ways to cut all arrays that are looked at
FEW = 1e-6  # of two ways to cut arrays the one with fewer blocks
MISSING = 2.0  # how much more a part without a slot weighs than a slot without a part: two biases are usual


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


# -- slots -------------------------------------------------------------------------------------------------------------


def as_matrix(shape: Shape) -> Shape:
    """The shape of an array as rows and columns: axes of size 1 in front are dropped, vectors stand upright."""
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    return shape if len(shape) == 2 else (int(np.prod(shape)), 1)


def slots(arrays: Mapping[str, Shape], found: Sequence[Piece]) -> tuple[Slot, ...]:
    """All arrays cut into blocks that have the shapes of parts, so that parts find slots and few are left over."""
    also = (*found, *_biases(found))
    ways = [tuple(_ways(name, shape, also)) or ((_whole(name, shape),),) for name, shape in arrays.items()]
    best: tuple[float, tuple[Slot, ...]] = (float("inf"), ())
    for choice in itertools.islice(itertools.product(*ways), MANY):
        cut = tuple(slot for own in choice for slot in own)
        if (price := cost(cut, found)) < best[0]:
            best = (price, cut)
    return best[1]


def _biases(found: Sequence[Piece]) -> tuple[Piece, ...]:
    """A vector for each matrix: code may have biases that the equations lack."""
    return tuple(Piece(Part(piece.part.parameter), piece.shape[:1]) for piece in found if len(piece.shape) == 2)


def _whole(name: str, shape: Shape) -> Slot:
    """An array that no part fits, in one block: whatever depends on it is no equation of the cell's."""
    rows, wide = as_matrix(shape)
    return Slot(name, (0, 0), slice(0, rows), slice(0, wide), (rows, wide), whole=True)


def cost(cut: Sequence[Slot], found: Sequence[Piece]) -> float:
    """How badly slots and parts go together, in numbers: of parts without a slot, and of slots without a part."""
    have, want = _counted(slot.shape for slot in cut), _counted(_upright(piece.shape) for piece in found)
    missing = sum(math.prod(shape) * max(0, count - have.get(shape, 0)) for shape, count in want.items())
    surplus = sum(math.prod(shape) * max(0, count - want.get(shape, 0)) for shape, count in have.items())
    return MISSING * missing + surplus + FEW * len(cut)


def _counted(shapes: Iterator[Shape]) -> dict[tuple[int, ...], int]:
    """How many there are of each shape or its transpose."""
    found: dict[tuple[int, ...], int] = {}
    for shape in shapes:
        key = tuple(sorted(shape))
        found[key] = found.get(key, 0) + 1
    return found


def _upright(shape: Shape) -> Shape:
    return shape if len(shape) == 2 else (int(np.prod(shape)), 1)


def _ways(name: str, shape: Shape, found: Sequence[Piece]) -> Iterator[tuple[Slot, ...]]:
    """Every way to cut one array into blocks that all have the shape of some part, or of its transpose."""
    wanted = {tuple(sorted(_upright(piece.shape))) for piece in found}  # membership only
    rows, wide = as_matrix(shape)
    lengths = sorted({size for piece in found for size in _upright(piece.shape)})
    runs = _runs(found)
    for down in _cuts(rows, lengths, runs):
        for across in _cuts(wide, lengths, runs):
            blocks = [(a, b) for a in down for b in across]
            if all(tuple(sorted((a.stop - a.start, b.stop - b.start))) in wanted for a, b in blocks):
                alone = len(blocks) == 1
                yield tuple(
                    Slot(name, (at // len(across), at % len(across)), a, b, (a.stop - a.start, b.stop - b.start), alone)
                    for at, (a, b) in enumerate(blocks)
                )


def _runs(found: Sequence[Piece]) -> tuple[tuple[int, ...], ...]:
    """The sizes of the operands of each matrix, in every order: n k and k n."""
    own: dict[str, list[int]] = {}
    for piece in found:
        if piece.part.operand is not None:
            own.setdefault(piece.part.parameter, []).append(piece.shape[1])
    return tuple(
        sorted({order for sizes in own.values() if len(sizes) <= 5 for order in itertools.permutations(sizes)})
    )


def _cuts(length: int, lengths: Sequence[int], runs: Sequence[tuple[int, ...]]) -> Iterator[tuple[slice, ...]]:
    """Ways to cut an axis: into equal blocks, or as the operands of a matrix lie."""
    ways = [(size,) * (length // size) for size in lengths if length % size == 0]
    ways += [run for run in runs if sum(run) == length and len(set(run)) > 1]
    for way in dict.fromkeys(ways):
        edges = [0, *itertools.accumulate(way)]
        yield tuple(slice(a, b) for a, b in itertools.pairwise(edges))
