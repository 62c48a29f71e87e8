"""Integer solutions of the equations that unknown sizes must satisfy, at given numbers for the dimension symbols.

Invariant: no algebra over symbols, only rational numbers: elimination, then enumeration of the free unknowns. That is
slow, exact, and shares nothing with the checker's unification.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from ._needs import Form, Gathered

TRIES = 200_000  # points that are tried before the answer is "undecided"


class Undecided(Exception):
    """Raised when there are more points than can be tried."""


def solutions(unknowns: Sequence[str], gathered: Gathered, least: int = 1) -> Iterator[dict[str, int]]:
    """The assignments of integers >= `least` that meet all needs, those of small numbers first; at most two of them.

    Raises:
        Undecided: there are too many points to try.

    """
    parts = [list(itertools.islice(_points(part, gathered, least), 2)) for part in _components(unknowns, gathered)]
    choices = itertools.product(*parts)  # empty when a part has none
    for choice in itertools.islice(choices, 2):
        yield {name: value for part in choice for name, value in part.items()}


def _components(unknowns: Sequence[str], gathered: Gathered) -> list[list[str]]:
    """Unknowns that share an equation or a bound, together; in order."""
    group = {name: [name] for name in unknowns}
    for form in (*gathered.zeros, *gathered.bounds):
        first, *rest = form.factors
        for name in rest:
            if group[name] is not group[first]:
                joined = group[first] + group[name]
                for member in joined:
                    group[member] = joined
    return list({id(part): part for part in group.values()}.values())


def _points(part: Sequence[str], gathered: Gathered, least: int) -> Iterator[dict[str, int]]:
    mine = set(part)  # membership only
    zeros = [form for form in gathered.zeros if mine & form.factors.keys()]
    bounds = [form for form in gathered.bounds if mine & form.factors.keys()]
    pivots, consistent = _eliminated(part, zeros)
    if not consistent:
        return
    free = [name for name in part if name not in pivots]
    # The reach of one unknown to meet the others' numbers, with room for a second solution.
    forms = (*zeros, *bounds)
    largest = max((abs(factor) for form in forms for factor in form.factors.values()), default=1)
    limit = largest * (sum(abs(form.constant) + sum(map(abs, form.factors.values())) for form in forms) + 2)
    for tried, point in enumerate(_ascending(len(free), least, limit)):
        if tried > TRIES:
            raise Undecided(f"{len(free)} sizes up to {limit}")
        values = _completed(dict(zip(free, point, strict=True)), pivots, least)
        if values is not None and all(form.at(values) >= 0 for form in bounds):
            yield values


Row = tuple[Fraction, dict[str, Fraction]]  # pivot = constant + multiples of free unknowns


def _eliminated(part: Sequence[str], zeros: Iterable[Form]) -> tuple[dict[str, Row], bool]:
    """The unknowns that the others determine; False where the equations contradict one another."""
    pivots: dict[str, Row] = {}
    for form in zeros:
        constant, factors = _reduced(Fraction(form.constant), {n: Fraction(f) for n, f in form.factors.items()}, pivots)
        pivot = next((name for name in reversed(part) if name in factors), None)
        if pivot is None:
            if constant:
                return {}, False
            continue
        scale = -factors.pop(pivot)
        row = (constant / scale, {name: factor / scale for name, factor in factors.items()})
        for name, (offset, others) in list(pivots.items()):
            pivots[name] = _reduced(offset, others, {pivot: row})
        pivots[pivot] = row
    return pivots, True


def _reduced(constant: Fraction, factors: Mapping[str, Fraction], pivots: Mapping[str, Row]) -> Row:
    rest: dict[str, Fraction] = {}
    for name, factor in factors.items():
        offset, others = pivots.get(name, (Fraction(0), {name: Fraction(1)}))
        constant += factor * offset
        for other, share in others.items():
            rest[other] = rest.get(other, Fraction(0)) + factor * share
    return constant, {name: factor for name, factor in rest.items() if factor}


def _completed(values: dict[str, int], pivots: Mapping[str, Row], least: int) -> dict[str, int] | None:
    """The values of all unknowns, or None where one is no whole number or below the least."""
    for name, (constant, factors) in pivots.items():
        value = constant + sum(factor * values[other] for other, factor in factors.items())
        if value.denominator != 1 or value < least:
            return None
        values[name] = int(value)
    return values


def _ascending(count: int, least: int, limit: int) -> Iterator[tuple[int, ...]]:
    """Points of numbers least … limit; those with small numbers first, so that solutions are found soon."""
    if count == 0:
        yield ()
        return
    low, reach = least - 1, 1
    while low < limit:
        yield from (point for point in itertools.product(range(least, reach + 1), repeat=count) if max(point) > low)
        low, reach = reach, min(2 * reach, limit)
