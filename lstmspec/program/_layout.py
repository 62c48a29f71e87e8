"""How parameters are stored: which parts of which of the spec's parameters lie below one another in one array.

Invariant: every entry of every parameter of the spec lies in exactly one stored array, so converting there and back
loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..dims import Shape, Size


@dataclass(frozen=True, slots=True)
class Block:
    """Columns `start:stop` of the spec's matrix `parameter` (or all of a vector or scalar: no columns)."""

    parameter: str
    shape: Shape
    start: Size | None = None
    stop: Size | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An array that a model keeps: its blocks below one another."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def shape(self) -> Shape:
        """The array's shape: rows add up, columns are shared."""
        first = self.blocks[0].shape
        if len(self.blocks) == 1:
            return first
        rows = Size.of(0)
        for block in self.blocks:
            rows = rows + block.shape[0]
        return (rows, *first[1:])

    @property
    def spans(self) -> tuple[tuple[Block, Size, Size], ...]:
        """Each block with its first row and the row after its last."""
        found, start = [], Size.of(0)
        for block in self.blocks:
            stop = start + (block.shape[0] if block.shape else Size.of(1))
            found.append((block, start, stop))
            start = stop
        return tuple(found)
