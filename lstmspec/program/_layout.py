"""How parameters are stored: which parts of which of the spec's parameters lie below one another in one array.

Invariant: every entry of every parameter of the spec lies in exactly one stored array, so converting there and back
loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..nodes import Name
from ..sizes import Shape, Size


@dataclass(frozen=True, slots=True)
class Block:
    """Columns `start:stop` of the spec's matrix `parameter` (or all of a vector or scalar: no columns)."""

    parameter: Name
    shape: Shape
    start: Size | None = None
    stop: Size | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An array that a model keeps: its blocks, of equally many rows, below one another."""

    name: Name
    blocks: tuple[Block, ...]

    @property
    def shape(self) -> Shape:
        """The array's shape: rows add up, columns are shared."""
        first = self.blocks[0].shape
        if len(self.blocks) == 1:
            return first
        return (first[0] * Size.of(len(self.blocks)), *first[1:])
