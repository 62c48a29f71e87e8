"""From the user's equations to those that are scheduled: only operations that backends know, values worth keeping named."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace as replaced

from ..grad import Names, is_function, name_preactivations
from ..nodes import Node, names_in, ref, replace, subnodes
from ..ops import expand
from ..spec import Equation, System, order, spelled
from ._layout import Stored
from ._pack import pack


def lower(system: System) -> tuple[System, tuple[Stored, ...]]:
    """An equal system, packed and over the rows alone, and how its parameters are stored."""
    return pack(_name_functions(_expand(name_preactivations(system))))


def _expand(system: System) -> System:
    equations = {
        name: Equation(name, replace(equation.expr, expand), equation.site)
        for name, equation in system.equations.items()
    }
    return replaced(system, equations=equations)


def _name_functions(system: System) -> System:
    """Activations inside an expression become equations: forward and backward pass then share their values."""
    names = Names(system)
    known: dict[Node, str] = {}
    equations: dict[str, Equation] = {}
    for equation in system.equations.values():

        def rule(node: Node, equation=equation) -> Node:  # type: ignore[no-untyped-def]  # loop variable
            if not is_function(node) or node == equation.expr:
                return node
            if node not in known:
                operand = "_".join(spelled(name) for name in names_in(node))
                known[node] = names.free(f"{node.op}_{operand}")
                equations[known[node]] = Equation(known[node], node, node.site or equation.site)
            return ref(known[node], node.site)

        equations[equation.name] = Equation(equation.name, replace(equation.expr, rule), equation.site)
    return replaced(system, equations=equations)


def inline(system: System, keep: Collection[str]) -> System:
    """Equations that are read once, and slices and copies, are put where they are read; `keep` stay equations.

    What only one reader needs is no value of its own: its factors can then be multiplied with the reader's before the
    loop, where they do not depend on the state.
    """
    uses: dict[str, int] = {}
    for equation in system.equations.values():
        seen = [arg for node in subnodes(equation.expr) for arg in node.args] + [equation.expr]
        for node in seen:
            if node.op == "ref":
                uses[str(node.attrs[0])] = uses.get(str(node.attrs[0]), 0) + 1
    values: dict[str, Node] = {}

    def rule(node: Node) -> Node:
        return values.get(str(node.attrs[0]), node) if node.op == "ref" else node

    kept: dict[str, Equation] = {}
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
    return node.op in ("ref", "number", "ones", "zeros")
