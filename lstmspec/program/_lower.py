"""From the user's equations to those that are scheduled: over the rows alone, with names for values worth keeping."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace as replaced

from ..grad import Lifter, conditions_in_place, is_atom, is_constant, is_function, name_preactivations
from ..language import Equation, System, order, spelled
from ..nodes import Name, Node, names_in, replace, subnodes
from ..ops import expand, is_condition
from ._layout import Stored
from ._pack import pack


def lower(system: System) -> tuple[System, tuple[Stored, ...]]:
    """An equal system, packed and over the rows alone, and how its parameters are stored."""
    packed, stored = pack(_name_values(_expand(name_preactivations(conditions_in_place(system)))))
    return _name_shared(packed), stored


def _expand(system: System) -> System:
    equations = {
        name: Equation(name, replace(equation.expr, expand), equation.site)
        for name, equation in system.equations.items()
    }
    return replaced(system, equations=equations)


def _name_values(system: System) -> System:
    """Activations and divisors inside an expression become equations: all passes then share their values.

    Of a divisor the adjoint needs the value several times, and an equation of its own collects its cotangent once.
    """
    lifter = Lifter(system)

    def rule(equation: Equation, node: Node) -> Node:
        if is_constant(system, node):
            return node
        if node.op == "div" and not is_atom(node.args[1]) and not is_constant(system, node.args[1]):
            divisor = lifter.lift(node.args[1], f"{spelled(equation.name)}_divisor")
            return Node(node.op, (node.args[0], divisor), node.attrs, node.site)
        # Rewritten arguments make a new node; the root is recognised by its place in the source.
        if not is_function(node) or (node.op == equation.expr.op and node.site is equation.expr.site):
            return node
        return lifter.lift(node, "_".join([node.op, *(spelled(name) for name in names_in(node))]))

    return lifter.rewritten(rule)


def _name_shared(system: System) -> System:
    """Expressions with several readers become equations, terms of the first one: their cotangents are summed once."""
    readers: dict[Node, set[Node]] = {}
    for equation in system.equations.values():
        for node in subnodes(equation.expr):
            for arg in node.args:
                readers.setdefault(arg, set()).add(node)
    shared = {node for node, own in readers.items() if len(own) > 1 and not is_view(node)}
    shared = {node for node in shared if not is_constant(system, node) and not is_condition(node)}
    lifter = Lifter(system)
    for equation in system.equations.values():
        lifter.taken_apart(equation, "term", shared.__contains__)
    return replaced(system.equations_alone, equations=lifter.equations)


def inline(system: System, keep: Collection[Name]) -> System:
    """Equations that are read once, and slices and copies, are put where they are read; `keep` stay equations.

    What only one reader needs is no value of its own: its factors can then be multiplied with the reader's before the
    loop, where they do not depend on the state.
    """
    uses: dict[Name, int] = {}
    for equation in system.equations.values():
        seen = [arg for node in subnodes(equation.expr) for arg in node.args] + [equation.expr]
        for node in seen:
            if node.op == "ref":
                uses[node.name] = uses.get(node.name, 0) + 1
    values: dict[Name, Node] = {}

    def rule(node: Node) -> Node:
        return values.get(node.name, node) if node.op == "ref" else node

    kept: dict[Name, Equation] = {}
    for equation in order(system):
        expr = replace(equation.expr, rule)
        if equation.name not in keep and (uses.get(equation.name, 0) <= 1 or is_view(expr)):
            values[equation.name] = expr
        else:
            kept[equation.name] = Equation(equation.name, expr, equation.site)
    return replaced(system, equations=kept)


def is_view(node: Node) -> bool:
    """Whether a node costs nothing: a name, a number, or a part or a transpose of one."""
    while node.op in ("slice", "transpose"):
        node = node.args[0]
    return node.op in ("ref", "number", "ones", "zeros", "size")
