"""Data for a comparison: a case of a cell at sizes that are distinct primes, without symmetries, in tame ranges.

Invariant: no parameter is drawn by the cell's own initialisation, in which a bias may be zero and a gain one: a fault
in what multiplies the one or adds the other would not be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lstmspec import CellMeta

from .models import Case

SIZES = (3, 5, 11, 13)  # of the dimension symbols, in declared order
TIME, BATCH = 7, 17
Ranges = Mapping[str, tuple[float, float]]  # of what is not drawn from a normal distribution


def cases(cell: CellMeta, ranges: Ranges, constants: Mapping[str, float], kind: type = float) -> list[Case]:
    """A case with the constants' defaults and, if there are any, one with others."""
    found = [draw(cell, ranges, kind=kind)]
    if constants:
        others = {name: 0.7 * value for name, value in constants.items()}  # at 0.5, `lam` and `1 - lam` are one
        found.append(replace(draw(cell, ranges, seed=2, kind=kind), constants=others))
    return found


def draw(cell: CellMeta, ranges: Ranges, seed: int = 1, kind: type = float) -> Case:
    """A random case; matrices are scaled so that gates are seldom saturated."""
    rng = np.random.default_rng(seed)
    system, shapes = cell.system, cell.shapes
    sizes = dict(zip(shapes.dims, SIZES, strict=False))

    def drawn(name: str, *lead: int, free: bool = False) -> np.ndarray:
        own = tuple(size.at(sizes) for size in shapes.of[name])
        if name in ranges and not free:
            return rng.uniform(*ranges[name], (*lead, *own)).astype(kind)
        scale = own[1] ** -0.5 if len(own) == 2 and not lead else 0.8
        return rng.normal(0.1, scale, (*lead, *own)).astype(kind)

    def arguments(free: bool) -> dict[str, np.ndarray]:
        return {
            **{name: drawn(name, free=free) for name in system.parameters},
            **{name: drawn(name, TIME, BATCH, free=free) for name in system.inputs},
            **{name: drawn(name, BATCH, free=free) for name in system.states},
        }

    at, v = arguments(False), arguments(True)
    d = {"output": rng.normal(0.1, 0.8, (TIME, BATCH, *(size.at(sizes) for size in shapes.of[system.output])))}
    d |= {f"{name}.next": drawn(name, BATCH, free=True) for name in system.states}
    return Case(cell, sizes, at, {name: value.astype(kind) for name, value in d.items()}, v)
