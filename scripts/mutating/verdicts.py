"""What a system is, decided without the checker: by evaluation at sets of distinct sizes.

Ill-shaped: at some set of sizes, no assignment of integers to the unknown sizes evaluates. Open: at each set some does,
at one of them more than one. Well-shaped: exactly one does at each. Broken: there is nothing to evaluate.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lstmspec.language import System
from lstmspec.nodes import Node, names_in, subnodes
from lstmspec.sizes import Size

from .rules import Refused
from .shapes import Shapes, Sizes, assignments, ordered

# Small before large and large before small, odd and even.
_PRIMES = ((3, 5, 11, 13, 17, 19, 23, 29), (31, 29, 23, 19, 17, 13, 7, 2), (11, 13, 7, 5, 19, 2, 3, 17))


class Verdict(enum.Enum):
    """What a system is."""

    WELL = "well-shaped"
    ILL = "ill-shaped"
    OPEN = "undetermined"
    BROKEN = "broken"


@dataclass(frozen=True)
class Judgement:
    """The verdict, why, and for a well-shaped system the shape of every name at each set of sizes."""

    verdict: Verdict
    why: str = ""
    shapes: tuple[tuple[Sizes, Shapes], ...] = ()


def judge(system: System) -> Judgement:
    """The verdict on a system."""
    trouble = structure(system)
    if trouble:
        return Judgement(Verdict.BROKEN, trouble)
    found: list[tuple[Sizes, Shapes]] = []
    several = ""
    for sizes in size_sets(dimensions(system)):
        at = ", ".join(f"{name}={size}" for name, size in sizes.items())
        try:
            fitting = list(assignments(system, sizes))
        except Refused as refused:
            return Judgement(Verdict.ILL, f"at {at}: {refused}")
        if not fitting:
            return Judgement(Verdict.ILL, f"at {at}: no assignment fits")
        several = several or (f"at {at}: more than one assignment fits" if len(fitting) > 1 else "")
        found.append((sizes, fitting[0]))
    return Judgement(Verdict.OPEN, several) if several else Judgement(Verdict.WELL, "", tuple(found))


# -- sizes -------------------------------------------------------------------------------------------------------------


def dimensions(system: System) -> tuple[str, ...]:
    """The dimension symbols of a system, in the order in which they occur."""
    declared = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
    written = [attr for node in _nodes(system) for attr in node.attrs if isinstance(attr, Size)]
    return tuple(dict.fromkeys(atom for size in declared + written for atom in size.atoms))


def size_sets(names: Sequence[str]) -> Iterator[dict[str, int]]:
    """Three sets of distinct primes, then corners: each symbol in turn 1, 2 and large, for bounds and parity."""
    if len(names) > len(_PRIMES[0]):
        raise ValueError(f"{len(names)} dimension symbols; give verdicts._PRIMES more primes")
    sets = [dict(zip(names, primes, strict=False)) for primes in _PRIMES]
    yield from sets
    for name, size in itertools.product(names, (1, 2, 41)):
        yield {**sets[0], name: size}
    if names:
        yield dict.fromkeys(names, 1)


# -- structure ---------------------------------------------------------------------------------------------------------


def structure(system: System) -> str:
    """Why there is nothing to evaluate; empty when there is something."""
    known = {**system.symbols, **system.equations}
    for state in system.states:
        if f"{state}.next" not in system.equations:
            return f"state {state} has no next value"
    for equation in system.equations.values():
        for name in names_in(equation.expr):
            if name not in known:
                return f"{equation.name} reads {name}, which there is not"
    done = ordered(system)
    return "" if len(done) == len(system.equations) else "equations need one another"


def _nodes(system: System) -> Iterator[Node]:
    for equation in system.equations.values():
        yield from subnodes(equation.expr)
