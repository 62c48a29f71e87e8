"""Whether a system is well-shaped, decided without the checker: by evaluation at sets of distinct sizes.

Ill-shaped: at some set of sizes, no assignment of integers to the unknown sizes evaluates. Open: at each set some does,
at one of them more than one. Well-shaped: exactly one does at each. Broken: there is nothing to evaluate.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..language import System
from ..nodes import names_in
from ._assignments import Shapes, Sizes, assignments, ordered
from ._mutation import dimensions
from ._needs import Refused

# Small before large and large before small, odd and even.
_PRIMES = ((3, 5, 11, 13, 17, 19, 23, 29), (31, 29, 23, 19, 17, 13, 7, 2), (11, 13, 7, 5, 19, 2, 3, 17))
_LARGE = 41


class Shaped(enum.Enum):
    """A system by its shapes."""

    WELL = "well-shaped"
    ILL = "ill-shaped"
    OPEN = "undetermined"
    BROKEN = "broken"


@dataclass(frozen=True)
class Judgement:
    """The verdict, why, and for a well-shaped system the shape of every name at each set of sizes."""

    verdict: Shaped
    why: str = ""
    shapes: tuple[tuple[Sizes, Shapes], ...] = ()


def judge(system: System) -> Judgement:
    """The verdict on a system."""
    trouble = structure(system)
    if trouble:
        return Judgement(Shaped.BROKEN, trouble)
    found: list[tuple[Sizes, Shapes]] = []
    several = ""
    for sizes in size_sets(dimensions(system)):
        at = ", ".join(f"{name}={size}" for name, size in sizes.items())
        try:
            fitting = list(assignments(system, sizes))
        except Refused as refused:
            return Judgement(Shaped.ILL, f"at {at}: {refused}")
        if not fitting:
            return Judgement(Shaped.ILL, f"at {at}: no assignment fits")
        several = several or (f"at {at}: more than one assignment fits" if len(fitting) > 1 else "")
        found.append((sizes, fitting[0]))
    return Judgement(Shaped.OPEN, several) if several else Judgement(Shaped.WELL, "", tuple(found))


# -- sizes -------------------------------------------------------------------------------------------------------------


def size_sets(names: Sequence[str]) -> Iterator[dict[str, int]]:
    """Three sets of distinct primes, then corners: each symbol in turn 1, 2 and large, for bounds and parity."""
    more = [*itertools.islice(primes_above(_LARGE), max(0, len(names) - len(_PRIMES[0])))]
    sets = [dict(zip(names, [*primes, *more], strict=False)) for primes in _PRIMES]
    yield from sets
    for name, size in itertools.product(names, (1, 2, _LARGE)):
        yield {**sets[0], name: size}
    if names:
        yield dict.fromkeys(names, 1)


def primes_above(low: int) -> Iterator[int]:
    """The prime numbers above a number, without end."""
    return (number for number in itertools.count(low + 1) if all(number % divisor for divisor in range(2, number)))


# -- structure ---------------------------------------------------------------------------------------------------------


def structure(system: System) -> str:
    """Why there is nothing to evaluate; empty when there is something."""
    known = {**system.symbols, **system.equations}
    for state in system.states:
        if state.next not in system.equations:
            return f"state {state} has no next value"
    for equation in system.equations.values():
        for name in names_in(equation.expr):
            if name not in known:
                return f"{equation.name} reads {name}, which there is not"
    done = ordered(system)
    return "" if len(done) == len(system.equations) else "equations need one another"
