"""Any scalar function of the user's: its row, and what other stages ask of elementwise operations in general."""

from __future__ import annotations

import functools

import numpy as np
import sympy

from ..nodes import Node
from . import _build as b
from ._matrix import pointwise
from ._op import TABLE, Array, Op, ShapeOf, register
from ._pointwise import common_shape, from_partials
from ._scalar import RESULT, argument, node_from_scalar, partials

REAL = ("abs", "sign")  # those of NumPy are others of complex numbers: a complex step has to go through them


def _lambda(node: Node) -> sympy.Lambda:
    return node.attrs[0]


def _expansion(node: Node) -> Node:
    """The same value by the rows above."""
    function = _lambda(node)
    return node_from_scalar(function.expr, dict(zip(function.variables, node.args, strict=True)))


def _user_vjp(node: Node, ans: Node, ct: Node, shape_of: ShapeOf) -> list[Node | None]:
    function = _lambda(node)
    derivatives = [sympy.diff(function.expr, variable) for variable in function.variables]
    return from_partials([d.subs(function.expr, RESULT) for d in derivatives], node, ans, ct, shape_of)


def _user_evaluate(node: Node, *values: Array) -> Array:
    # Through SymPy's own printer, so that the oracle does not share the expansion that is emitted.
    function = _lambda(node)
    defined = [op.scalar for op in TABLE.values() if op.definition is not None]
    rewritten = function.expr.rewrite(sympy.exp) if function.expr.has(*defined) else function.expr
    own = {name: functools.partial(TABLE[name].evaluate, node) for name in REAL}
    return np.asarray(sympy.lambdify(function.variables, rewritten, [own, "numpy"])(*values))


register(
    Op(
        name="elementwise",
        operands=("*operands",),
        shape=common_shape,
        vjp=_user_vjp,
        evaluate=_user_evaluate,
        symbolic=lambda node, *args: pointwise(_lambda(node), args),
    )
)


def expand(node: Node) -> Node:
    """`node`, or its expansion when it is a user's scalar function; backends only know the rows."""
    return _expansion(node) if node.op == "elementwise" else node


def partial_derivative(node: Node, index: int, answer: Node) -> Node | None:
    """The derivative of an elementwise operation with respect to one argument, over its arguments and its result.

    None where it is zero.
    """
    if node.op == "elementwise":
        function = _lambda(node)
        derivative = sympy.diff(function.expr, function.variables[index]).subs(function.expr, RESULT)
    else:
        op = TABLE[node.op]
        if op.partial is not None:
            return op.partial(node, index)
        derivative = partials(op.definition or op.scalar, op.inverse, len(node.args))[index]
    values = {argument(place): arg for place, arg in enumerate(node.args)} | {RESULT: answer}
    factor = node_from_scalar(derivative, values)
    return None if b.is_number(factor, 0.0) else factor


def is_condition(node: Node) -> bool:
    """Whether the value is true or false, rather than a number; a name of one is not known to be."""
    return node.op in TABLE and TABLE[node.op].condition


def is_elementwise(node: Node) -> bool:
    """Whether each element of the result depends on the same element of the arguments alone."""
    return node.op == "elementwise" or (node.op in TABLE and TABLE[node.op].scalar is not None)
