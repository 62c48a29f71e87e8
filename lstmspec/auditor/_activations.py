"""Activations: what else may stand where a function of one number stands, a row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..nodes import Node
from ..ops import TABLE
from ..ops.user import exp, hard_sigmoid, maximum, minimum, relu, sigmoid, softplus, softsign, tanh, where
from ._edits import Change, Kind, Occurrence

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
USUAL = ("sigmoid", "tanh", "relu")  # where there is none in the equations


def activation(here: Occurrence) -> Iterator[Change]:
    """tanh(u) → u, or sigmoid(u); and u → tanh(u) of a whole equation, a layer, or a factor"""
    node = here.node
    if is_function(node):
        yield Change(Kind.MISSING_ACTIVATION, node.args[0])
        others = (make(node.args[0]) for make in ACTIVATIONS.values())
        yield from (Change(Kind.OTHER_ACTIVATION, other) for other in others if other != node)
        return
    whole = not here.parents or node.op in ("matmul", "layer") or any(parent.op == "mul" for parent in here.parents)
    if whole and node.op != "number" and not here.is_learned(node):
        yield from (Change(Kind.MORE_ACTIVATION, ACTIVATIONS[name](node)) for name in USUAL)


def is_function(node: Node) -> bool:
    """Whether it is a function of one number, elementwise: what can be an activation."""
    row = TABLE.get(node.op)
    return row is not None and row.arity == 1 and row.scalar is not None and node.op != "neg"
