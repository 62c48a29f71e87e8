"""All mutants of some cells, each once, and a fair sample of them."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lstmspec.checker import check
from lstmspec.language import System
from lstmspec.nodes import Name, Node

from . import declarations, expressions
from .edits import Edit, Mutant, applied, is_explicit

KINDS = (*expressions.KINDS, *declarations.KINDS, *declarations.WHOLE)
Catalogue = Mapping[str, Sequence[list[tuple[System, Edit]]]]  # kind → of each system that has some → its edits
COMPARISONS = ("less", "less_equal")


def explicit(system: System) -> System:
    """The system with every shape declared as the checker solved it: no mutant of it has anything to infer."""
    solved = check(system).require().of
    symbols = {name: dataclasses.replace(symbol, shape=solved[name]) for name, symbol in system.symbols.items()}
    return dataclasses.replace(system, name=f"{system.name} (explicit)", symbols=symbols)


def originals(systems: Iterable[System]) -> list[System]:
    """Each system, and beside it the explicit one where that is another."""
    found: list[System] = []
    for system in (system.equations_alone for system in systems):
        found.append(system)
        if not all(is_explicit(symbol) for symbol in system.symbols.values()):
            found.append(explicit(system))
    return found


def edits_of(system: System) -> Iterator[Edit]:
    """Every edit that changes the system, each once: the first kind that makes it has it."""
    whole = [edit for rule in declarations.WHOLE.values() for edit in rule(system)]
    seen = set()  # membership only
    for edit in (*expressions.edits(system), *declarations.edits(system), *whole):
        same = all(
            change == system.equations.get(name, system.symbols.get(name)) for name, change in edit.changes.items()
        )
        if not same and edit.key not in seen:
            seen.add(edit.key)
            yield edit


def catalogue(systems: Iterable[System]) -> Catalogue:
    """The edits of these systems by kind and system: what samples are drawn from, so that it need be made only once."""
    found: dict[str, list[list[tuple[System, Edit]]]] = {kind: [] for kind in KINDS}
    for system in systems:
        by_kind: dict[str, list[tuple[System, Edit]]] = {}
        for edit in edits_of(system):
            by_kind.setdefault(edit.kind, []).append((system, edit))
        for kind, edits in by_kind.items():
            found[kind].append(edits)
    return found


def population(systems: Iterable[System], limit: int | None, seed: int = 0) -> Iterator[Mutant]:
    """The mutants of these systems, or so many of them: each kind and, within a kind, each system gets its turn."""
    return sample(catalogue(systems), limit, seed)


def sample(edits: Catalogue, limit: int | None, seed: int = 0) -> Iterator[Mutant]:
    """The same of a catalogue."""
    queues = []
    for place, kind in enumerate(KINDS):
        shuffled = []
        for found in edits[kind]:
            shuffled.append(found.copy())
            random.Random(f"{seed} {found[0][0].name} {kind}").shuffle(shuffled[-1])
        # Each kind begins with another system, or a small sample had mutants of the first few only.
        first = place * len(shuffled) // len(KINDS)
        queues.append(list(_in_turn(shuffled[first:] + shuffled[:first])))
    made = 0
    for system, edit in _in_turn(queues):
        if made == limit:
            return
        mutant = applied(system, edit)
        if not mistakes_condition(mutant.system):
            made += 1
            yield mutant


def _in_turn(queues: Sequence[Sequence[tuple[System, Edit]]]) -> Iterator[tuple[System, Edit]]:
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
        for node in _all(equation.expr)
        for index, arg in enumerate(node.args)
    ) or any(Name(name).is_next for name in named)


def _all(root: Node) -> Iterator[Node]:
    yield root
    for arg in root.args:
        yield from _all(arg)
