"""Data of the comparison: seven steps, and so many samples that an edit of a spec shows in one of them."""

from __future__ import annotations

from ..cell import CellMeta
from ..emit import Case
from ..proofs import TIME as TIME
from ..proofs import draw
from ..zoo.counterparts import Row

BATCH = 17


def cases(cell: CellMeta, row: Row, kind: type = float) -> list[Case]:
    """A case with the constants' defaults and, if there are any, one with others."""
    found = [draw(cell, batch=BATCH, ranges=row.ranges, kind=kind)]
    if row.constants:
        found.append(draw(cell, seed=2, batch=BATCH, ranges=row.ranges, constants=True, kind=kind))
    return found
