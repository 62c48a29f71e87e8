"""Activations: the functions that may stand in one another's place, a row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..language import Role
from ..nodes import Node, ref, subnodes
from ..ops import expand, is_elementwise
from ..ops.user import exp, hard_sigmoid, maximum, minimum, relu, sigmoid, softplus, softsign, tanh, where
from ._edits import Change, Kind, Occurrence, name_of

ACTIVATIONS: Mapping[str, Callable[[Node], Node]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "hard sigmoid": hard_sigmoid,
    "hard sigmoid of slope 0.2": lambda u: minimum(maximum(0.2 * u + 0.5, 0.0), 1.0),
    "hard tanh": lambda u: minimum(maximum(u, -1.0), 1.0),
    "softsign": softsign,
    "softplus": softplus,
    "exponential": exp,
    "SiLU": lambda u: u * sigmoid(u),
    "ELU": lambda u: where(u < 0, exp(u) - 1.0, u),
    "leaky ReLU of slope 0.01": lambda u: maximum(u, 0.01 * u),
}
WRITTEN = {make: make(ref("u")) for make in ACTIVATIONS.values()}
USUAL = ("sigmoid", "tanh", "relu")  # where there is none in the equations


def activation(here: Occurrence) -> Iterator[Change]:
    """tanh(u) → u, or sigmoid(u); and u → tanh(u) of a whole equation, a layer, or a factor"""
    node = here.node
    inner = _argument(node)
    if inner is not None:
        same = {node, expand(node)}  # membership only: a function of the user's may be one of these rows
        yield Change(Kind.MISSING_ACTIVATION, inner)
        others = (make(inner) for make in ACTIVATIONS.values())
        yield from (Change(Kind.OTHER_ACTIVATION, other) for other in others if other not in same)
    whole = not here.parents or _is_layer(here) or any(parent.op == "mul" for parent in here.parents)
    if whole and not is_function(node) and node.op != "number" and not here.is_learned(node):
        yield from (Change(Kind.MORE_ACTIVATION, ACTIVATIONS[name](node)) for name in USUAL)


def is_function(node: Node) -> bool:
    """Whether it is a function of one number, elementwise, a row's or the user's: a node that can be an activation."""
    return len(node.args) == 1 and is_elementwise(node) and node.op != "neg"


def _argument(node: Node) -> Node | None:
    """The argument of an activation, which may be written out, as in `u * sigmoid(u)`; None of any other node."""
    if is_function(node):
        return node.args[0]
    rows = [make for make, written in WRITTEN.items() if written.op == node.op]
    return next((u for u in subnodes(node) if any(make(u) == node for make in rows)), None) if rows else None


def _is_layer(here: Occurrence) -> bool:
    """Whether it is a matrix product, or a dense layer with its bias."""
    node = here.node
    biased = node.op == "add" and name_of(node.args[1]) in here.system.having(Role.BIAS)
    return (node.args[0] if biased else node).op == "matmul"
