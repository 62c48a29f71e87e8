"""LS304: an interpolation whose two weights do not sum to one.

`(1 - z) * h + z * m` keeps a state between its old value and the candidate. With `1 - z` on one side and something
else than `z` on the other it grows or fades.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..nodes import Node, brief, names_in, subnodes, terms_of
from ..ops import build
from ..spec import Role, ancestors
from ._facts import Facts
from ._finding import Finding

MANY = 64  # factors of one product that are looked at


def interpolation(facts: Facts) -> Iterator[Finding]:
    """Sums of products in which one factor is a complement, `1 - z`, and no other term has the factor `z`."""
    for equation in facts.system.equations.values():
        inner = {arg for node in subnodes(equation.expr) if _is_sum(node) for arg in node.args if _is_sum(arg)}
        for node in subnodes(equation.expr):
            if _is_sum(node) and node not in inner and (unmatched := _unmatched(facts, node)) is not None:
                gate = brief(unmatched)
                yield Finding(
                    Code.LS304,
                    equation.name,
                    f"the weights of an interpolation do not sum to one in equation `{equation.name}`",
                    site=node.site,
                    notes=(f"one term has the weight 1 - {gate}, but no other has the weight {gate}",),
                    help=f"let the two weights be {gate} and 1 - {gate}",
                )


def _is_sum(node: Node) -> bool:
    return node.op in ("add", "sub")


def _unmatched(facts: Facts, node: Node) -> Node | None:
    """The gate of a complement that no other term has; None when every term with a complement has its partner."""
    weighed = [factors for term in _terms(node) if len(factors := _factors(term)) > 1]
    canonical = [[_canonical(facts, factor) for factor in factors] for factors in weighed]
    for place, factors in enumerate(canonical):
        partners = [factor for other, them in enumerate(canonical) if other != place for factor in them]
        gates = [gate for factor in weighed[place] if (gate := _complemented(facts.resolved(factor))) is not None]
        gates = [gate for gate in gates if not _is_step(facts, gate)]
        if partners and gates and not any(_complement(factor) in partners for factor in factors):
            return gates[0]
    return None


def _canonical(facts: Facts, node: Node) -> Node:
    """A factor by what it is made of, so that a gate and the complement of its complement are one."""
    node, odd = facts.resolved(node), False
    while (gate := _complemented(node)) is not None:
        node, odd = facts.resolved(gate), not odd
    return _complement(node) if odd else node


def _complement(node: Node) -> Node:
    """1 - u; u for 1 - u."""
    gate = _complemented(node)
    return build.sub(build.ONE, node) if gate is None else gate


def _is_step(facts: Facts, gate: Node) -> bool:
    """Whether a weight does not follow from the data, or has a constant factor: an Euler step."""
    data = {*facts.system.inputs, *facts.system.states}
    constants = {*facts.system.having(Role.CONSTANT)}
    read = ancestors(facts.system, names_in(gate))
    return read.isdisjoint(data) or any({*names_in(factor)} <= constants for factor in _factors(gate))


def _terms(node: Node) -> list[Node]:
    """The terms of a sum, whatever their signs: a weight is one in a difference too."""
    return [term for term, _ in terms_of(node)]


def _factors(node: Node) -> list[Node]:
    """The factors of a product, each as often as it is in it; a square's base twice."""
    found: list[Node] = []
    stack = [node]
    while stack and len(found) < MANY:
        part = stack.pop()
        if part.op == "mul":
            stack += reversed(part.args)
        else:
            found.append(part)
    return found


def _complemented(node: Node) -> Node | None:
    """u of `1 - u`."""
    if node.op == "sub" and node.args[0].op == "number" and node.args[0].attrs[0] == 1.0:
        return node.args[1]
    return None
