"""Where each part lies, its slot: rows and columns of a foreign array, as sizes, worked out once for a layout.

Invariant: the columns of every parameter are covered, and the parts of an array have sizes that add up to its shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..checker import shown
from ..language import System
from ..sizes import Shape, Size
from ._foreign_arrays import Array, LayoutError, Part
from ._parameters import Parameters, parameters_of

ZERO, ONE = Size.of(0), Size.of(1)
Span = tuple[Size, Size]  # start and stop


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A part in its slot: columns `of` of a parameter, at these rows and columns of the array's grid."""

    parameter: str
    of: Span
    rows: Span
    columns: Span


@dataclass(frozen=True, slots=True)
class PlacedArray:
    """A foreign array with the parts in it: `grid` is (rows, columns), `shape` that of the array itself."""

    array: Array
    grid: tuple[Size, Size]
    shape: Shape
    parts: tuple[PlacedPart, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout worked out: the shapes of parameters, and every array."""

    shapes: Mapping[str, Shape]
    arrays: tuple[PlacedArray, ...]


def planned(owner: str, system: System, arrays: Iterable[Array]) -> Plan:
    """The plan of a layout.

    Raises:
        LayoutError: a part is not the cell's or is in no array, two arrays share a name, or parts do not fit together.
        SpecError: the cell is ill-shaped.

    """
    maker = _Maker(owner, parameters_of(system))
    placed: dict[str, PlacedArray] = {}
    for array in arrays:
        if array.name in placed:
            raise LayoutError(f"{owner}: two arrays are called `{array.name}`; each needs a name of its own")
        placed[array.name] = maker.placed(array)
    maker.require_all_of(placed.values())
    return Plan(maker.shapes, tuple(placed.values()))


class _Maker:
    """The parameters of one cell while its arrays are placed."""

    def __init__(self, owner: str, known: Parameters) -> None:
        self.owner, self.shapes, self.columns, self.dims = owner, known.shapes, known.columns, known.dims

    def placed(self, array: Array) -> PlacedArray:
        """The array with the parts in it."""
        where = f"{self.owner}: array `{array.name}`"
        if not array.grid or not array.grid[0] or len({len(row) for row in array.grid}) != 1:
            raise LayoutError(f"{where} has rows of {[len(row) for row in array.grid]} parts; expected equally many")
        sizes = [[None if part is None else self._size(where, part) for part in row] for row in array.grid]
        heights = self._extents(where, "row", [[size and size[0] for size in row] for row in sizes])
        widths = self._extents(
            where, "column", [[size and size[1] for size in line] for line in zip(*sizes, strict=True)]
        )
        rows, sides = _spans(heights), _spans(widths)
        parts = tuple(
            PlacedPart(part.parameter, self._span(where, part), rows[r], sides[c])
            for r, row in enumerate(array.grid)
            for c, part in enumerate(row)
            if part is not None
        )
        grid = (self._ordered(rows[-1][1]), self._ordered(sides[-1][1]))
        return PlacedArray(array, grid, self._stored(where, array, grid), parts)

    def _span(self, where: str, part: Part) -> Span:
        """The columns of its parameter that a part is."""
        if part.parameter not in self.shapes:
            raise LayoutError(f"{where}: the cell has no parameter `{part.parameter}`; it has {', '.join(self.shapes)}")
        shape = self.shapes[part.parameter]
        if part.operand is None:
            return ZERO, shape[1] if len(shape) == 2 else ONE
        known = self.columns.get(part.parameter, ())
        if not 0 <= part.operand < len(known):
            has = ", ".join(f"{at}: {found.operand}" for at, found in enumerate(known)) or "no operands of its own"
            raise LayoutError(f"{where}: `{part.parameter}` has no operand {part.operand}; it has {has}")
        return known[part.operand].start, known[part.operand].stop

    def _size(self, where: str, part: Part) -> tuple[Size, Size]:
        start, stop = self._span(where, part)
        shape = self.shapes[part.parameter]
        return (shape[0] if shape else ONE), stop - start

    def _extents(self, where: str, kind: str, lines: list[list[Size | None]]) -> list[Size]:
        """The size of each row, or of each column; one that has no part is like the others."""
        found = [list(dict.fromkeys(size for size in line if size is not None)) for line in lines]
        for at, sizes in enumerate(found):
            if len(sizes) > 1:
                text = " and ".join(str(self._ordered(size)) for size in sizes)
                raise LayoutError(f"{where}: parts in {kind} {at} of its grid have sizes {text}; expected one size")
        others = list(dict.fromkeys(size for sizes in found for size in sizes))
        if len(others) != 1 and not all(found):
            raise LayoutError(
                f"{where}: nothing says the size of {kind} {found.index([])} of its grid, which has no part"
            )
        return [sizes[0] if sizes else others[0] for sizes in found]

    def _stored(self, where: str, array: Array, grid: tuple[Size, Size]) -> Shape:
        """The shape of the array itself: a grid of one column of vectors is a vector, and of one scalar a scalar."""
        ranks = [len(self.shapes[part.parameter]) for row in array.grid for part in row if part is not None]
        alone = len(array.grid) == len(array.grid[0]) == 1
        rank = 2 if len(array.grid[0]) > 1 else max(ranks) if alone else max(1, *ranks)
        shape: Shape = grid[:rank][:: -1 if array.transposed else 1]
        if not array.lead:
            return shape
        if not shape and math.prod(array.lead) == 1:
            return tuple(Size.of(axis) for axis in array.lead)
        first = shape[0].divided_by(Size.of(math.prod(array.lead))) if shape and min(array.lead) > 0 else None
        if first is None:
            raise LayoutError(f"{where}: its shape {shown(shape)} cannot be split into {array.lead} parts")
        return (*(Size.of(axis) for axis in array.lead), first, *shape[1:])

    def require_all_of(self, placed: Iterable[PlacedArray]) -> None:
        """Raise LayoutError unless all columns of every parameter are in some array."""
        spans = {(part.parameter, part.of) for array in placed for part in array.parts}
        missing = []
        for name, shape in self.shapes.items():
            whole = (ZERO, shape[1] if len(shape) == 2 else ONE)
            if (name, whole) not in spans:
                parts = self.columns.get(name, ())
                lost = [f"`{name}` for `{p.operand}`" for p in parts if (name, (p.start, p.stop)) not in spans]
                missing += [f"`{name}`"] if len(lost) == len(parts) else lost
        if missing:
            raise LayoutError(
                f"{self.owner}: no array has {', '.join(missing)}; expected every part of every parameter"
            )

    def _ordered(self, size: Size) -> Size:
        return size.ordered(self.dims)


def _spans(sizes: list[Size]) -> list[Span]:
    """Sizes, one behind the other."""
    found, start = [], ZERO
    for size in sizes:
        found.append((start, start + size))
        start = start + size
    return found
