"""Mutations of declarations: one row for each kind, tried on every symbol but constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from ..language import DeclaredShape, Role, System
from ..sizes import Size
from ._mutation import Mutation, dimensions

ONE, TWO = Size.of(1), Size.of(2)
Rule = Callable[[DeclaredShape, Sequence[Size]], Iterator[DeclaredShape | None]]  # None: not even a rank


def renamed(size: Size, names: Mapping[str, str]) -> Size:
    """A size with dimension symbols exchanged."""
    return size.substitute(lambda atom: Size.of(names[atom]) if atom in names else None)


def _each(change: Callable[[Size, Sequence[Size]], Iterator[Size | None]]) -> Rule:
    """The rule that changes one size of a shape."""

    def rule(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
        for axis, size in enumerate(shape):
            for new in change(size, sizes) if size is not None else ():
                yield (*shape[:axis], new, *shape[axis + 1 :])

    return rule


def exchanged(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n+k) → Weight(n, k+n)"""
    for left, right in combinations((str(size) for size in sizes), 2):
        yield tuple(None if size is None else renamed(size, {left: right, right: left}) for size in shape)


def _other(size: Size, sizes: Sequence[Size]) -> Iterator[Size | None]:
    yield from sizes
    if len(size.terms) > 1:
        yield from (Size({monomial: factor}) for monomial, factor in size.terms.items())


def _grown(size: Size, sizes: Sequence[Size]) -> Iterator[Size | None]:
    yield from (size + ONE, size * TWO, *(size + other for other in sizes), *(size * other for other in sizes))


def _fixed(size: Size, sizes: Sequence[Size]) -> Iterator[Size | None]:
    yield from (ONE, TWO, Size.of(7))


def _unsaid(size: Size, sizes: Sequence[Size]) -> Iterator[Size | None]:
    yield None


def transposed(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(n, k)"""
    yield tuple(reversed(shape))


def to_scalar(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
    """Bias(k) → Bias(())"""
    yield ()


def another_rank(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(k), Weight(n); Bias(k) → Bias(k, n), Bias(k, 1)"""
    if len(shape) == 2:
        yield from ((size,) for size in shape)
    elif len(shape) == 1:
        yield from ((*shape, size) for size in (*sizes, ONE))
        yield from ((size, *shape) for size in (*sizes, ONE))
    else:
        yield from ((size,) for size in (*sizes, ONE))


def undeclared(shape: DeclaredShape, sizes: Sequence[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(): not even its rank is said"""
    yield None


KINDS: Mapping[str, Rule] = {
    "exchange n and k in a declaration": exchanged,
    "another size in a declaration": _each(_other),
    "a larger size in a declaration": _each(_grown),
    "a number in a declaration": _each(_fixed),
    "a size left out": _each(_unsaid),
    "transpose a declaration": transposed,
    "declare a scalar": to_scalar,
    "declare another rank": another_rank,
    "declare nothing": undeclared,
}


def mutations(system: System) -> Iterator[Mutation]:
    """Every mutation of every declaration."""
    sizes = [Size.of(name) for name in dimensions(system)]
    for symbol in system.symbols.values():
        if symbol.role is Role.CONSTANT or symbol.shape is None:
            continue
        for kind, rule in KINDS.items():
            # Nothing infers an input without a rank: `Input()` is a vector.
            if kind == "declare nothing" and symbol.role is Role.INPUT:
                continue
            for shape in rule(symbol.shape, sizes):
                yield Mutation(kind, {symbol.name: replace(symbol, shape=shape)})
