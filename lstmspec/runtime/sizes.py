"""Sizes as tables write them: `4*k`, `n+k`. What they are for given dimensions, and which dimension an axis shows."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any


@functools.cache
def names(text: str) -> frozenset[str]:
    """The dimension symbols in a size; for membership only."""
    return frozenset(re.findall(r"[A-Za-z_]\w*", text))


@functools.cache
def _terms(text: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The terms of a size: a whole factor, and symbols."""
    found = []
    for sign, product in re.findall(r"([+-]?)([^+-]+)", text):
        factors = product.split("*")
        whole = -1 if sign == "-" else 1
        for factor in factors:
            whole *= int(factor) if factor.isdigit() else 1
        found.append((whole, tuple(factor for factor in factors if not factor.isdigit())))
    return tuple(found)


def evaluate(text: str, known: Mapping[str, Any]) -> Any:
    """The value of a size; of symbolic dimensions a symbolic one."""
    total: Any = 0
    for factor, symbols in _terms(text):
        value: Any = factor
        for symbol in symbols:
            value = value * known[symbol]
        total = total + value
    return total


def solved(text: str, dim: str, size: int, known: Mapping[str, int]) -> int | None:
    """The positive integer that a dimension is when `text`, linear in it, has this size."""
    rest = evaluate(text, {**known, dim: 0})
    factor = evaluate(text, {**known, dim: 1}) - rest
    linear = evaluate(text, {**known, dim: 2}) - rest == 2 * factor
    fits = linear and factor > 0 and size > rest and (size - rest) % factor == 0
    return (size - rest) // factor if fits else None


def voted(
    arrays: Iterable[tuple[str, list[str], tuple[int, ...]]], given: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, str]]:
    """The sizes on which most axes agree, and an array that shows each: so the odd one out is to blame."""
    axes = [(name, text, size) for name, texts, shape in arrays for text, size in zip(texts, shape, strict=False)]
    known = dict(given)
    origin = dict.fromkeys(given, "the argument of that name")
    while True:
        votes: dict[tuple[str, int], list[str]] = {}
        for name, text, size in axes:
            missing = [dim for dim in names(text) if dim not in known]
            if len(missing) == 1 and (value := solved(text, missing[0], size, known)) is not None:
                votes.setdefault((missing[0], value), []).append(name)
        if not votes:
            return known, origin
        (dim, value), voters = max(votes.items(), key=lambda vote: len(vote[1]))
        known[dim], origin[dim] = value, voters[0]


def shown_by(shapes: Mapping[str, str], dims: Iterable[str]) -> tuple[str, ...]:
    """The dimensions that some axis of these arrays shows: by itself, or with others that are known by then."""
    texts = [text for axes in shapes.values() for text in axes.split()]
    known: dict[str, int] = {}
    moved = True
    while moved:
        moved = False
        for text in texts:
            missing = [dim for dim in names(text) if dim not in known]
            if len(missing) == 1 and solved(text, missing[0], evaluate(text, {**known, missing[0]: 1}), known) == 1:
                known[missing[0]] = 1
                moved = True
    return tuple(dim for dim in dims if dim in known)
