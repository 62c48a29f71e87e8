"""Facts of a cell that several rules need; each is computed once, at its first use."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from ..language import Equation, Role, System, ancestors, sort
from ..nodes import Name, Node, names_in, subnodes, terms_of
from ..ops import ANY, TABLE, Interval, expand, point, power


class Facts:
    """Answers about one cell."""

    def __init__(self, system: System) -> None:
        self.system = system

    @functools.cached_property
    def ordered(self) -> tuple[Equation, ...]:
        """The equations in the order of evaluation."""
        return sort(self.system.equations)[0]

    @functools.cached_property
    def readers(self) -> Mapping[str, tuple[Name, ...]]:
        """Name → the equations that read it."""
        found: dict[str, list[Name]] = {}
        for equation in self.system.equations.values():
            for name in names_in(equation.expr):
                found.setdefault(name, []).append(equation.name)
        return {name: tuple(readers) for name, readers in found.items()}

    @functools.cached_property
    def live(self) -> frozenset[Name]:
        """All that the output depends on, in this step or over time: through a state's old value on its new one."""
        found: set[Name] = set()
        wanted = [self.system.output]
        while wanted:
            found |= ancestors(self.system, wanted)
            wanted = [state.next for state in self.system.states if state in found]
            wanted = [name for name in wanted if name not in found]
        return frozenset(found)

    @functools.cached_property
    def bounds(self) -> Mapping[str, Mapping[Node, Interval]]:
        """Equation → each expression in it → the values that it can have.

        Inputs, states and parameters can have any, a constant its default.
        """
        return bounds_of(self.system, {})

    @functools.cached_property
    def steady_bounds(self) -> Mapping[str, Mapping[Node, Interval]]:
        """As `bounds`, for inputs between -1 and 1: values without bounds then grow by themselves."""
        return bounds_of(self.system, dict.fromkeys(self.system.inputs, Interval(-1.0, 1.0)))

    def resolved(self, node: Node) -> Node:
        """An expression; for a name the right side of its equation. States' new values are names that say something."""
        while node.op == "ref" and node.name in self.system.equations:
            if node.name.is_next:
                return node
            node = self.system.equations[node.name].expr
        return node

    @functools.cached_property
    def learned(self) -> frozenset[Name]:
        """The equations that a dense product of the step's data is in, or in equations that they read."""
        found: set[Name] = set()
        for equation in self.ordered:
            if not found.isdisjoint(names_in(equation.expr)) or has_product(equation.expr):
                found.add(equation.name)
        return frozenset(found)

    @functools.cached_property
    def recurrent(self) -> frozenset[Name]:
        """All that a state's new value is made of; the rest is only emitted."""
        return frozenset(ancestors(self.system, [state.next for state in self.system.states]))


def has_product(root: Node) -> bool:
    """Whether a matrix product is in an expression."""
    return any(node.op == "matmul" for node in subnodes(root))


def bounds_of(system: System, ranges: Mapping[str, Interval]) -> dict[str, Mapping[Node, Interval]]:
    """Equation → each expression in it → the values that it can have.

    Args:
        system: The cell.
        ranges: Where symbols lie; the others can have any value, a constant has its default.

    """
    names = dict.fromkeys(system.symbols, ANY)
    names |= {name: point(system.symbols[name].value or 0.0) for name in system.having(Role.CONSTANT)}
    names |= {Name(name): bounds for name, bounds in ranges.items()}
    found: dict[str, Mapping[Node, Interval]] = {}
    for equation in sort(system.equations)[0]:
        within = found[equation.name] = bounds_within(equation.expr, names)
        names[equation.name] = within[equation.expr]
    return found


def bounds_within(root: Node, names: Mapping[Name, Interval]) -> dict[Node, Interval]:
    """Each expression in one → the values that it can have; the parts of a user's own functions too."""
    found: dict[Node, Interval] = {}
    for node in subnodes(root):
        parts = subnodes(expand(node)) if node.op == "elementwise" else (node,)
        for part in parts:
            if part not in found:
                found[part] = _bounds(part, found, names)
        found[node] = found[expand(node)]
    return found


def _bounds(node: Node, known: Mapping[Node, Interval], names: Mapping[Name, Interval]) -> Interval:
    if node.op == "ref":
        return names.get(node.name, ANY)
    if node.op == "number":
        return point(node.value)
    rule = TABLE[node.op].bounds
    if rule is None:
        return ANY
    if node.op in ("mul", "dot") and node.args[0] == node.args[1]:
        square = power(known[node.args[0]], point(2.0))
        return square if node.op == "mul" else Interval(square.low)
    if node.op == "div" and _is_share(node, known):
        return Interval(0.0, 1.0)
    return rule(*(known[arg] for arg in node.args))


def _is_share(node: Node, known: Mapping[Node, Interval]) -> bool:
    """Whether a quotient is u / (u + ...) or u / sum(u), with nothing negative in it, and a sum that is not 0."""
    part, whole = node.args
    terms = [term for term, _ in terms_of(whole)]
    if whole.op == "sum" and whole.args[0] == part:
        return known[part].is_positive
    return part in terms and known[whole].is_positive and all(known[term].low >= 0 for term in terms)
