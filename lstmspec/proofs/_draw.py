"""Data for proofs: random arguments without symmetries, at sizes that are distinct primes.

Invariant: no parameter is drawn by a cell's own initialisation, in which a bias may be zero and a gain one: a fault in
what multiplies the one or adds the other would not be seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from ..checker import check
from ..emit import Case
from ..language import HasSystem, Role, System
from ..nodes import Name

TIME, BATCH = 7, 2
FIRST = (3, 5, 11, 13, 17, 19)  # of the dimension symbols, in declared order
SHRUNK = 0.7  # constants other than their defaults; at one half, `a` and `1 - a` may be one

Array = np.ndarray[Any, Any]
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Manner:
    """How values are drawn: normally about a mean, or evenly from a range.

    Attributes:
        words: What it is called.
        scale: The standard deviation; that of a matrix is less, by the root of its columns.
        range: Instead of it, the bounds of all arguments.

    """

    words: str
    scale: float = 0.8
    range: tuple[float, float] | None = None


NORMAL = Manner("normal values")
WIDE = Manner("wide values", scale=2.5)
POSITIVE = Manner("positive values", range=(0.2, 0.9))
SMALL = Manner("small positive values", range=(0.01, 0.1))


def primes_for(dims: tuple[str, ...], without: tuple[int, ...] = (TIME, BATCH)) -> dict[str, int]:
    """A prime for each dimension symbol, all distinct, and none of them the number of steps or of samples."""
    further = (sympy.prime(index) for index in itertools.count(9))  # 23 and on
    return dict(zip(dims, itertools.chain((size for size in FIRST if size not in without), further), strict=False))


def draw(
    cell: HasSystem,
    manner: Manner = NORMAL,
    *,
    seed: int = 1,
    sizes: Mapping[str, int] | None = None,
    time: int = TIME,
    batch: int = BATCH,
    ranges: Ranges | None = None,
    constants: bool = False,
    kind: type = float,
) -> Case:
    """A random case.

    Args:
        cell: The cell.
        manner: How values are drawn.
        seed: Equal seeds give equal data.
        sizes: Of the dimension symbols; the others get primes.
        time: The number of steps.
        batch: The number of samples.
        ranges: The bounds of some arguments, which are drawn evenly from them.
        constants: Whether constants get other values than their defaults.
        kind: The type of the arrays.

    Raises:
        SpecError: the cell is ill-shaped.

    """
    system, shapes = cell.system, check(cell.system).require()
    known = primes_for(shapes.dims, (time, batch, *(sizes or {}).values())) | dict(sizes or {})
    source = _Source(np.random.default_rng(seed), manner, ranges or {}, kind)

    def own(name: str) -> tuple[int, ...]:
        return tuple(size.at(known) for size in shapes.of[Name(name)])

    def arguments(take: Any) -> dict[str, Array]:
        return {
            **{name: take(name, (), own(name)) for name in system.parameters},
            **{name: take(name, (time, batch), own(name)) for name in system.inputs},
            **{name: take(name, (batch,), own(name)) for name in system.states},
        }

    at, v = arguments(source.argument), arguments(source.free)
    d = {"output": source.free("output", (time, batch), own(system.output))}
    d |= {str(name.next): source.free(name, (batch,), own(name)) for name in system.states}
    return Case(cell, known, at, d, v, _other_constants(system) if constants else {})


def _other_constants(system: System) -> dict[str, float]:
    symbols = (system.symbols[name] for name in system.having(Role.CONSTANT))
    return {str(symbol.name): SHRUNK * symbol.value for symbol in symbols if symbol.value is not None}


@dataclass(frozen=True)
class _Source:
    random: np.random.Generator
    manner: Manner
    ranges: Ranges
    kind: type

    def argument(self, name: str, lead: tuple[int, ...], own: tuple[int, ...]) -> Array:
        """Values that a cell is evaluated at."""
        bounds = self.ranges.get(name, self.manner.range)
        if bounds is not None:
            return np.asarray(self.random.uniform(*bounds, (*lead, *own))).astype(self.kind)
        scale = self.manner.scale * (own[1] ** -0.5 if len(own) == 2 and not lead else 1.0)
        return np.asarray(self.random.normal(0.1, scale, (*lead, *own))).astype(self.kind)

    def free(self, name: str, lead: tuple[int, ...], own: tuple[int, ...]) -> Array:
        """Values that something is multiplied with: any will do."""
        return np.asarray(self.random.normal(0.1, 0.8, (*lead, *own))).astype(self.kind)
