"""Where dimension symbols are read off: axes of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..sizes import Shape, Size


@dataclass(frozen=True, slots=True)
class SizeSource:
    """An axis, counted from the last, of an array: its size is `factor * dim + rest`."""

    dim: str
    array: str
    axis: int
    factor: Size
    rest: Size


def sources(dims: Sequence[str], arrays: Iterable[tuple[str, Shape]]) -> tuple[SizeSource, ...]:
    """For each dimension an axis that shows it: by itself, or with others that are known by then.

    Dimensions that no axis shows are missing.
    """
    known: dict[str, SizeSource] = {}
    every = tuple(arrays)
    while found := [source for dim in dims if dim not in known for source in _showing(dim, every, known)]:
        best = min(found, key=lambda source: (bool(source.rest.terms), source.factor.at(_like(source.factor))))
        known[best.dim] = best
    return tuple(known.values())


def _like(size: Size) -> dict[str, int]:
    return dict.fromkeys(size.atoms, 1009)


def _showing(dim: str, arrays: Iterable[tuple[str, Shape]], known: Mapping[str, SizeSource]) -> Iterator[SizeSource]:
    for name, shape in arrays:
        for axis, size in enumerate(shape):
            own = Size({monomial: factor for monomial, factor in size.terms.items() if dim in monomial})
            rest = size - own
            factor = own.divided_by(Size.of(dim)) if own.terms else None
            if factor is None or dim in factor.atoms or any(atom not in known for atom in factor.atoms + rest.atoms):
                continue
            yield SizeSource(dim, name, axis - len(shape), factor, rest)
