"""LS306: what multiplies a state, follows from the data and has no bounds: a gate whose activation is missing."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..nodes import Name, Node, brief, names_in, subnodes
from ..ops import is_elementwise
from ._facts import Facts, has_product
from ._finding import Finding


def unbounded(facts: Facts) -> Iterator[Finding]:
    """Products of a state, or of an activation of one, with a dense layer's result that can be arbitrarily large."""
    found: set[str] = set()  # gates; each is reported once; membership only
    for equation in facts.system.equations.values():
        if equation.name not in facts.recurrent:
            continue
        bounds = facts.steady_bounds[equation.name]
        for node in subnodes(equation.expr):
            for factor, state in (node.args, node.args[::-1]) if node.op == "mul" else ():
                carried = _carried(facts, state)
                if carried is None or bounds[factor].is_bounded or not _is_learned(facts, factor):
                    continue
                gate = _gate(factor)
                is_name = gate.op == "ref" and gate.name in facts.system.equations
                name = gate.name if is_name else equation.name
                if f"{name} {brief(gate)}" not in found:
                    found.add(f"{name} {brief(gate)}")
                    yield Finding(
                        Code.LS306,
                        name,
                        f"`{brief(gate)}` multiplies `{carried}` and has no bounds",
                        site=None if is_name else node.site,
                        notes=(f"over many steps the product `{brief(node)}` can grow without end",),
                        help=f"bound it: sigmoid({brief(gate)})" if not is_name else f"bound it: {name} = sigmoid(…)",
                        also=equation.name,
                    )


def _carried(facts: Facts, node: Node) -> Name | None:
    """The one state that an expression is, or is an activation of."""
    while is_elementwise(node) and len(node.args) == 1:
        (node,) = node.args
    name = node.name if node.op == "ref" else Name("")
    return name if name.state in facts.system.states else None


def _is_learned(facts: Facts, gate: Node) -> bool:
    """Whether a dense product of the step's data is in it; a parameter alone is a recurrent weight, not a gate."""
    names = {*names_in(gate)} - {state.next for state in facts.system.states}
    return has_product(gate) or not names.isdisjoint(facts.learned)


def _gate(node: Node) -> Node:
    """The expression that lacks the bounds: of `1 - z` it is z."""
    while node.op in ("sub", "neg") and (node.op == "neg" or node.args[0].op == "number"):
        node = node.args[-1]
    return node
