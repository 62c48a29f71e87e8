"""Code of the first values of stored arrays: each block of the equations' parameters by its own initialiser.

Numbers that are drawn independently are drawn for all adjacent blocks at once, as long as they are drawn alike; what is
a rule of one block, such as an orthogonal matrix, is made for each.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..checker import blocks
from ..language import Initialiser
from ..program import Block, Stored
from ..sizes import Shape, Size
from ._model import Model
from ._printer import CannotPrint, shape_code, size_code
from ._spelling import ATOM, FirstValue, Spelling


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of an array: what it starts from, its shape, and the columns of the array that it is, None for all."""

    initialiser: Initialiser | None
    shape: Shape
    columns: tuple[Size, Size] | None = None


class Number(float):
    """A number of an initialiser, as templates read it: `{0}`, or `{0.log}`."""

    @property
    def log(self) -> float:
        """Its natural logarithm."""
        return math.log(self)


class First:
    """The first values of a model in one backend's words: whole arrays as expressions, or blocks filled in place."""

    def __init__(self, model: Model, spelling: Spelling) -> None:
        self.model = model
        self.spelling = spelling

    # -- what there is -----------------------------------------------------------------------------------------------

    def _row(self, block: Block) -> tuple[Piece, ...]:
        """The pieces of a block of a stored array, side by side."""
        whole = self.model.spec.of[block.parameter]
        found = blocks(self.model.system, self.model.spec.of, block.parameter)
        if len(found) == 1:
            return (Piece(found[0].initialiser, block.shape),)
        cuts = [(part, (part.columns.start, part.columns.stop)) for part in found if part.columns is not None]
        if block.shape != whole:
            return tuple(Piece(p.initialiser, p.shape) for p, cut in cuts if cut == (block.start, block.stop))
        return self._joined([Piece(part.initialiser, part.shape, cut) for part, cut in cuts])

    def _joined(self, row: Sequence[Piece]) -> tuple[Piece, ...]:
        """One piece in place of all where they are drawn alike."""
        if len({self._way(piece) for piece in row}) > 1 or any(self._spelled(piece).alone for piece in row):
            return tuple(row)
        columns = functools.reduce(lambda total, piece: total + piece.shape[1], row, Size.of(0))
        return (Piece(row[0].initialiser, (row[0].shape[0], columns)),)

    def _spelled(self, piece: Piece) -> FirstValue:
        rule = piece.initialiser.rule if piece.initialiser else "default"
        if rule not in self.spelling.first:
            raise CannotPrint(f"the initialiser {rule} has no row")
        return self.spelling.first[rule]

    def _way(self, piece: Piece) -> str:
        """How a piece is drawn, whatever its size: what is drawn alike can be drawn at once."""
        return self._code(piece, "{shape}", "{array}")

    def _code(self, piece: Piece, shape: str, array: str) -> str:
        rows, columns = (*piece.shape, Size.of(1), Size.of(1))[:2]
        return self._spelled(piece).template.format(
            *(Number(value) for value in (piece.initialiser.numbers if piece.initialiser else ())),
            shape=shape,
            array=array,
            rows=_factor(rows),
            columns=_factor(columns),
        )

    # -- arrays as expressions ---------------------------------------------------------------------------------------

    def value(self, array: Stored) -> str:
        """The code of a whole array."""
        runs: list[tuple[tuple[Piece, ...], int]] = []  # rows of blocks, each with how many alike are below one another
        for row in (self._row(block) for block in array.blocks):
            if runs and [self._way(piece) for piece in runs[-1][0]] == [self._way(piece) for piece in row]:
                runs[-1] = (row, runs[-1][1] + 1)
            else:
                runs.append((row, 1))
        parts = [part for row, count in runs for part in self._run(row, count)]
        if len(parts) == 1:
            return parts[0][0] if parts[0][1] == ATOM else f"({parts[0][0]})"
        return self.spelling.concat.format(", ".join(code for code, _ in parts), 0)

    def _run(self, row: tuple[Piece, ...], count: int) -> list[tuple[str, int]]:
        """Code and binding strength of that many rows alike."""
        if len(row) == 1 and not self._spelled(row[0]).alone:
            shape = row[0].shape
            shape = (shape[0] * Size.of(count), *shape[1:]) if shape else shape
            code = self._code(row[0], shape_code(shape, ""), "")
            return [(code, self._spelled(row[0]).level) if shape else (self.spelling.scalar_result.format(code), ATOM)]
        codes = [(self._code(piece, shape_code(piece.shape, ""), ""), self._spelled(piece).level) for piece in row]
        if len(row) == 1:
            return codes * count
        return [(self.spelling.concat.format(", ".join(code for code, _ in codes), 1), ATOM)] * count

    # -- blocks filled in place --------------------------------------------------------------------------------------

    def statements(self) -> list[str]:
        """Code that fills every array."""
        return [line for array in self.model.stored for line in self._filled(array)]

    def _filled(self, array: Stored) -> list[str]:
        rows = [self._row(block) for block in array.blocks]
        ways = {self._way(piece) for row in rows for piece in row}
        first = rows[0][0]
        if len(ways) == 1 and (len(rows) == len(rows[0]) == 1 or not self._spelled(first).alone):
            return [self._code(first, "", f"self.{array.name}")]
        lines = []
        for place, row in enumerate(rows):
            target = f"part(self.{array.name}, {place}, {len(rows)})" if len(rows) > 1 else f"self.{array.name}"
            for piece in row:
                cut = piece.columns
                columns = "" if cut is None else f"[:, {size_code(cut[0])}:{size_code(cut[1])}]"
                lines.append(self._code(piece, "", target + columns))
        return lines

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimensions that the statements need."""
        needed: set[str] = set()  # membership only
        for array in self.model.stored:
            for row in (self._row(block) for block in array.blocks):
                for piece in row:
                    template = self._spelled(piece).template
                    sizes = [*piece.shape[:1]] * ("{rows}" in template) + [*piece.shape[1:]] * ("{columns}" in template)
                    sizes += [*(piece.columns or ())]
                    needed |= {atom for size in sizes for atom in size.atoms}
        if self.model.draws:
            needed |= set(self.model.bound_size.atoms)
        return tuple(dim for dim in self.model.dims if dim in needed)


def _factor(size: Size) -> str:
    code = size_code(size)
    return f"({code})" if " " in code else code
