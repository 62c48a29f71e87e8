"""The cases of a proof: the data on which a cell has values, in several manners."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import HasSystem, Role
from ._draw import NORMAL, POSITIVE, SMALL, WIDE, Manner, Ranges, draw
from ._reference import Reference

FULL = (NORMAL, WIDE, POSITIVE)
LAST = (POSITIVE, SMALL)  # where nothing else has values
SEEDS = 3  # of each, until there are values


class NoValues(Exception):
    """Raised where no data were found at which a cell can be verified."""


def references(cell: HasSystem, *, quick: bool, seed: int, ranges: Ranges) -> tuple[Reference, ...]:
    """Cases that can be used, with what the cell computes there; with other constants, if it has any.

    Raises:
        NoValues: there are none.

    """
    found = [*_usable(cell, (NORMAL,) if quick else FULL, quick, seed, ranges)]
    found = found or [*_usable(cell, LAST, quick, seed, ranges)][:1]
    if not found:
        raise NoValues
    return tuple(found)


def _usable(
    cell: HasSystem, manners: tuple[Manner, ...], quick: bool, seed: int, ranges: Ranges
) -> Iterator[Reference]:
    has_constants = bool(cell.system.having(Role.CONSTANT))
    for manner in manners:
        for constants in dict.fromkeys((False, has_constants)):
            drawn = (draw(cell, manner, seed=seed + at, ranges=ranges, constants=constants) for at in range(SEEDS))
            usable = (reference for case in drawn if (reference := Reference(case, 1 if quick else 3)).is_usable)
            if (first := next(usable, None)) is not None:
                yield first
