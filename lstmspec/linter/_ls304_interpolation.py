"""LS304: an interpolation whose two weights do not sum to one.

`(1 - z) * h + z * m` keeps a state between its old value and the candidate. With `1 - z` on one side and something
else than `z` on the other it grows or fades.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics import Code
from ..language import Role, ancestors
from ..nodes import Node, brief, names_in, subnodes, terms_of
from ._facts import Facts
from ._finding import Finding

MANY = 64  # factors of one product that are looked at


@dataclass(frozen=True)
class Coefficient:
    """A factor as `constant + slope * gate`, times the sign of its term; the gate is its variable."""

    constant: float
    slope: float
    gate: Node
    factor: Node

    def is_meant(self, gates: Sequence[Node]) -> bool:
        """Whether it is a weight of an interpolation: `1 - z`, or another form of a gate that weighs the other term."""
        complement = abs(self.constant) == 1 and self.slope == -self.constant
        return complement or (self.constant != 0 and self.gate in gates)

    def sums_to_one(self, other: Coefficient) -> bool:
        """Whether two weights are those of an interpolation."""
        same = self.gate == other.gate and 0.0 in (self.constant, other.constant)
        return same and self.constant + other.constant == 1 and self.slope + other.slope == 0


def interpolation(facts: Facts) -> Iterator[Finding]:
    """Sums of products in which a factor is `1 - z`, or another such form, and no other weight makes it up to one."""
    for equation in facts.system.equations.values():
        inner = {arg for node in subnodes(equation.expr) if _is_sum(node) for arg in node.args if _is_sum(arg)}
        for node in subnodes(equation.expr):
            if _is_sum(node) and node not in inner and (alone := _alone(facts, node)) is not None:
                yield Finding(
                    Code.LS304,
                    equation.name,
                    f"the weights of an interpolation do not sum to one in equation `{equation.name}`",
                    site=node.site,
                    notes=(f"one term has the weight {brief(alone)}, and no other has one that makes it up to 1",),
                    help=f"let the two weights be {brief(_gate(facts, alone))} and 1 - {brief(_gate(facts, alone))}",
                )


def _is_sum(node: Node) -> bool:
    return node.op in ("add", "sub")


def _alone(facts: Facts, node: Node) -> Node | None:
    """A weight that is none of a gate's own, such as `1 - z`, in a term that has no partner."""
    factors = [(sign, _factors(term)) for term, sign in terms_of(node)]
    weighed = [[_weight(facts, factor, sign) for factor in parts] for sign, parts in factors if len(parts) > 1]
    for place, weights in enumerate(weighed):
        partners = [weight for other, them in enumerate(weighed) if other != place for weight in them]
        gates = [partner.gate for partner in partners]
        formed = [weight.factor for weight in weights if weight.is_meant(gates) and not _is_step(facts, weight.gate)]
        matched = any(weight.sums_to_one(partner) for weight in weights for partner in partners)
        if formed and partners and not matched:
            return facts.resolved(formed[0])
    return None


def _weight(facts: Facts, factor: Node, sign: float) -> Coefficient:
    constant, slope, node = 0.0, sign, facts.resolved(factor)
    while (form := _form(node)) is not None:
        number, direction, gate = form
        constant, slope, node = constant + slope * number, slope * direction, facts.resolved(gate)
    return Coefficient(constant, slope, node, factor)


def _form(node: Node) -> tuple[float, float, Node] | None:
    """(number, 1 or -1, u) of `number - u`, `number + u`, `u + number` and `u - number`; of `-u` the number is 0."""
    if node.op == "neg":
        return 0.0, -1.0, node.args[0]
    if node.op not in ("add", "sub"):
        return None
    left, right = node.args
    sign = 1.0 if node.op == "add" else -1.0
    if left.op == "number" and right.op != "number":
        return left.value, sign, right
    if right.op == "number" and left.op != "number":
        return sign * right.value, 1.0, left
    return None


def _gate(facts: Facts, weight: Node) -> Node:
    """The gate as it is written in a weight."""
    form = _form(weight)
    return form[2] if form is not None else weight


def _is_step(facts: Facts, gate: Node) -> bool:
    """Whether a weight does not follow from the data, or has a constant factor: an Euler step."""
    data = {*facts.system.inputs, *facts.system.states}
    constants = {*facts.system.having(Role.CONSTANT)}
    read = ancestors(facts.system, names_in(gate))
    return read.isdisjoint(data) or any({*names_in(factor)} <= constants for factor in _factors(gate))


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
