"""The kinds of faults, a rule each: expressions in the place of a node, with every shape still right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..language import Role, System
from ..nodes import Name, Node, number, ref

STALE = "stale for fresh state"
FRESH = "fresh for stale state"
SUM = "sum for product"
SWAPPED = "swapped interpolation"
MISSING_ACTIVATION = "missing activation"
OTHER_ACTIVATION = "different activation"
DEAD = "dead parameter"
MISSING_BIAS = "missing bias"
ACTIVATIONS = ("sigmoid", "tanh", "relu")
OTHERS = (*ACTIVATIONS, "hard_sigmoid", "softsign", "softplus")
Rule = Callable[[System, Node], Iterator[Node]]


def _stale(system: System, node: Node) -> Iterator[Node]:
    """c.next → c"""
    name = name_of(node)
    if name.is_next:
        yield ref(name.base)


def _fresh(system: System, node: Node) -> Iterator[Node]:
    """c → c.next"""
    if name_of(node) in system.states:
        yield ref(node.name.next)


def _sum(system: System, node: Node) -> Iterator[Node]:
    """u * v → u + v"""
    if node.op == "mul" and all(arg.op != "number" for arg in node.args):
        yield Node("add", node.args)


def _swapped(system: System, node: Node) -> Iterator[Node]:
    """(1 - z) * u + z * v → z * u + (1 - z) * v"""
    if node.op != "add" or any(term.op != "mul" for term in node.args):
        return
    left, right = node.args
    for at, a in enumerate(left.args):
        for other, b in enumerate(right.args):
            if _complement(system, a, b) or _complement(system, b, a):
                yield Node("add", (with_argument(left, at, b), with_argument(right, other, a)))


def _missing_activation(system: System, node: Node) -> Iterator[Node]:
    """tanh(u) → u"""
    if node.op in ACTIVATIONS:
        yield node.args[0]


def _other_activation(system: System, node: Node) -> Iterator[Node]:
    """tanh(u) → sigmoid(u)"""
    if node.op in ACTIVATIONS:
        yield from (Node(op, node.args) for op in OTHERS if op != node.op)


def _dead(system: System, node: Node) -> Iterator[Node]:
    """W @ concat(x, h) → W @ concat(x, 0 * h), and u + p * c → u"""
    if node.op == "matmul" and node.args[1].op == "concat" and role_of(system, node.args[0]) is Role.WEIGHT:
        for at, part in enumerate(node.args[1].args):
            yield with_argument(node, 1, with_argument(node.args[1], at, Node("mul", (number(0.0), part))))
    if node.op == "add":
        for at, term in enumerate(node.args):
            learned = term.op in ("matmul", "mul", "dot") and any(role_of(system, a) is Role.WEIGHT for a in term.args)
            if learned and not _is_bias(system, node.args[1 - at]):
                yield node.args[1 - at]


def _missing_bias(system: System, node: Node) -> Iterator[Node]:
    """u + b → u"""
    if node.op == "add":
        yield from (node.args[1 - at] for at, term in enumerate(node.args) if _is_bias(system, term))


KINDS: Mapping[str, Rule] = {
    STALE: _stale,
    FRESH: _fresh,
    SUM: _sum,
    SWAPPED: _swapped,
    MISSING_ACTIVATION: _missing_activation,
    OTHER_ACTIVATION: _other_activation,
    DEAD: _dead,
    MISSING_BIAS: _missing_bias,
}


def name_of(node: Node) -> Name:
    """The name that a node is; empty when it is none."""
    return node.name if node.op == "ref" else Name("")


def role_of(system: System, node: Node) -> Role | None:
    """The role of the symbol that a node names; None when it names none."""
    symbol = system.symbols.get(name_of(node))
    return symbol.role if symbol is not None else None


def with_argument(node: Node, at: int, new: Node) -> Node:
    """The node with another argument."""
    return Node(node.op, (*node.args[:at], new, *node.args[at + 1 :]), node.attrs, node.site)


def _is_bias(system: System, node: Node) -> bool:
    return role_of(system, node) is Role.BIAS


def _complement(system: System, left: Node, right: Node) -> bool:
    """Whether the right one is 1 minus the left one, written out or under a name."""
    whole = system.equations[name_of(right)].expr if name_of(right) in system.equations else right
    return whole.op == "sub" and whole.args[0].attrs == (1.0,) and whole.args[1] == left
