"""All mutants of some cells, each once, and a fair sample of them."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from ..checker import explicit
from ..language import System
from ..nodes import Node
from . import _declarations, _equations, _expressions
from ._expressions import COMPARISONS, paths_in
from ._mutation import Mutant, Mutation, applied, is_explicit

T = TypeVar("T")
KINDS = (*_expressions.KINDS, *_declarations.KINDS, *_equations.KINDS)
Planted = tuple[System, Mutation]
Catalogue = Mapping[str, Sequence[Sequence[Planted]]]  # kind → of each system that has some → its mutations


def originals(systems: Iterable[System]) -> list[System]:
    """Each system, and beside it the explicit one where that is another."""
    found: list[System] = []
    for system in (system.equations_alone for system in systems):
        found.append(system)
        if not all(is_explicit(symbol) for symbol in system.symbols.values()):
            found.append(dataclasses.replace(explicit(system), name=f"{system.name} (explicit)"))
    return found


def mutations_of(system: System) -> Iterator[Mutation]:
    """Every mutation that changes the system, each once: the first kind that makes it has it."""
    seen = set()  # membership only
    for part in (_expressions, _declarations, _equations):
        for mutation in part.mutations(system):
            if mutation.key not in seen and not mutation.changes_nothing(system):
                seen.add(mutation.key)
                yield mutation


def catalogue(systems: Iterable[System]) -> Catalogue:
    """The mutations of these systems by kind and system; samples are drawn from it, so that it need be made once."""
    found: dict[str, list[list[Planted]]] = {kind: [] for kind in KINDS}
    for system in systems:
        by_kind: dict[str, list[Planted]] = {}
        for mutation in mutations_of(system):
            by_kind.setdefault(mutation.kind, []).append((system, mutation))
        for kind, own in by_kind.items():
            found[kind].append(own)
    return found


def population(systems: Iterable[System], limit: int | None, seed: int = 0) -> Iterator[Mutant]:
    """The mutants of these systems, or so many of them: each kind and, within a kind, each system gets its turn."""
    return sample(catalogue(systems), limit, seed)


def sample(mutations: Catalogue, limit: int | None, seed: int = 0) -> Iterator[Mutant]:
    """The same of a catalogue."""
    queues = []
    for place, kind in enumerate(KINDS):
        shuffled = [_shuffled(own, f"{seed} {own[0][0].name} {kind}") for own in mutations[kind]]
        # Each kind begins with another system, or a small sample had mutants of the first few only.
        first = place * len(shuffled) // len(KINDS)
        queues.append(list(in_turn(shuffled[first:] + shuffled[:first])))
    mutants = (applied(system, mutation) for system, mutation in in_turn(queues))
    return itertools.islice((mutant for mutant in mutants if not mistakes_condition(mutant.system)), limit)


def _shuffled(own: Sequence[T], seed: str) -> list[T]:
    found = list(own)
    random.Random(seed).shuffle(found)
    return found


def in_turn(queues: Sequence[Sequence[T]]) -> Iterator[T]:
    """The first of each queue, then the second of each that has one, and so on."""
    for place in range(max(map(len, queues), default=0)):
        yield from (queue[place] for queue in queues if place < len(queue))


def mistakes_condition(system: System) -> bool:
    """Whether a condition stands where a number is needed, or the other way round: that is no fault of shape."""
    named = {name for name, equation in system.equations.items() if equation.expr.op in COMPARISONS}

    def is_condition(node: Node) -> bool:
        return node.op in COMPARISONS or (node.op == "ref" and node.name in named)

    return any(
        is_condition(arg) != (node.op == "where" and index == 0)
        for equation in system.equations.values()
        for _, node in paths_in(equation.expr)
        for index, arg in enumerate(node.args)
    ) or any(name.is_next for name in named)
