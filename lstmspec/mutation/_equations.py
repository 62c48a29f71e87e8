"""Mutations of whole equations: one row for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, permutations

from ..language import Equation, System
from ..nodes import Name, Node, names_in
from ..nodes import replace as rewritten
from ..sizes import Size
from ._declarations import renamed
from ._mutation import Change, Mutation, dimensions

Rule = Callable[[System], Iterator[Mapping[Name, Change]]]


def remove_next(system: System) -> Iterator[Mapping[Name, Change]]:
    """A state without its next value."""
    for state in system.states:
        yield {state.next: None}


def exchange_equations(system: System) -> Iterator[Mapping[Name, Change]]:
    """Two equations with each other's right side."""
    for left, right in combinations(system.equations.values(), 2):
        yield {left.name: replace(left, expr=right.expr), right.name: replace(right, expr=left.expr)}


def exchange_names(system: System) -> Iterator[Mapping[Name, Change]]:
    """Two names for each other in one equation: two states mixed, two inputs, a state and an input."""
    for equation in system.equations.values():
        for left, right in combinations(names_in(equation.expr), 2):
            yield {equation.name: _renamed(equation, {left: right, right: left})}


def another_name_throughout(system: System) -> Iterator[Mapping[Name, Change]]:
    """One name for another wherever an equation reads it."""
    for equation in system.equations.values():
        read = names_in(equation.expr)
        for old, new in permutations([*system.symbols, *system.equations], 2):
            if old in read:
                yield {equation.name: _renamed(equation, {old: new})}


def exchange_sizes(system: System) -> Iterator[Mapping[Name, Change]]:
    """n and k for each other in all slices and ones of one equation."""
    for equation in system.equations.values():
        for left, right in combinations(dimensions(system), 2):
            yield {equation.name: _resized(equation, {left: right, right: left})}


def _renamed(equation: Equation, names: Mapping[Name, Name]) -> Equation:
    def rule(node: Node) -> Node:
        name = names.get(node.name) if node.op == "ref" else None
        return node if name is None else Node("ref", (), (name,), node.site)

    return replace(equation, expr=rewritten(equation.expr, rule))


def _resized(equation: Equation, names: Mapping[str, str]) -> Equation:
    def rule(node: Node) -> Node:
        attrs = tuple(renamed(attr, names) if isinstance(attr, Size) else attr for attr in node.attrs)
        return node if attrs == node.attrs else Node(node.op, node.args, attrs, node.site)

    return replace(equation, expr=rewritten(equation.expr, rule))


KINDS: Mapping[str, Rule] = {
    "remove a state's next": remove_next,
    "exchange two equations": exchange_equations,
    "exchange two names": exchange_names,
    "another name throughout": another_name_throughout,
    "exchange n and k in an equation": exchange_sizes,
}


def mutations(system: System) -> Iterator[Mutation]:
    """Every mutation of every equation as a whole."""
    for kind, rule in KINDS.items():
        yield from (Mutation(kind, changes) for changes in rule(system))
