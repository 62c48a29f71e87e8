"""Elementwise operations, a row each. Shape, derivative and SymPy form all follow from the scalar definition.

Evaluations accept complex arguments wherever the function is piecewise analytic, so that complex-step differentiation
of the oracle is exact; branches are chosen by the real part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import Relational

from ..nodes import Node
from . import _build as b
from ._matrix import pointwise
from ._op import TABLE, AnyShape, Array, Op, ShapeOf, Solver, register
from ._scalar import (
    RESULT,
    argument,
    hard_sigmoid,
    log_sigmoid,
    node_from_scalar,
    partials,
    relu,
    sigmoid,
    softplus,
    softsign,
)

Scalar = Callable[..., sympy.Expr]


def _shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> AnyShape:
    return solver.elementwise(shapes)


def unbroadcast(cotangent: Node, arg: Node, ans: Node, shape_of: ShapeOf) -> Node:
    """The cotangent of an operand that was broadcast: a scalar collects the sum over what it was spread over."""
    spread = shape_of(ans) != () and shape_of(arg) == ()
    if spread and cotangent.op == "mul":
        # Σ(s u) = s Σu for a scalar s would need shapes here; Σ(u v) is a dot product, which needs none of them.
        left, right = cotangent.args
        if shape_of(left) == shape_of(right) != () and len(shape_of(left)) == 1:
            return Node("dot", (left, right))
    return b.total(cotangent) if spread else cotangent


def _vjp(
    scalar: Scalar, inverse: Scalar | None, arity: int
) -> Callable[[Node, Node, Node, ShapeOf], list[Node | None]]:
    def vjp(node: Node, ans: Node, ct: Node, shape_of: ShapeOf) -> list[Node | None]:
        return from_partials(partials(scalar, inverse, arity), node, ans, ct, shape_of)

    return vjp


def from_partials(
    derivatives: Sequence[sympy.Expr], node: Node, ans: Node, ct: Node, shape_of: ShapeOf
) -> list[Node | None]:
    """ct times each partial derivative, the chain rule of one elementwise operation."""
    values = {argument(index): arg for index, arg in enumerate(node.args)} | {RESULT: ans}
    cotangents: list[Node | None] = []
    for derivative, arg in zip(derivatives, node.args, strict=True):
        if derivative == 0:
            cotangents.append(None)
            continue
        factor = node_from_scalar(derivative, values)
        quotient = factor.op == "div" and b.is_number(factor.args[0], 1.0)
        term = b.div(ct, factor.args[1]) if quotient else b.mul(ct, factor)
        cotangents.append(unbroadcast(term, arg, node, shape_of))
    return cotangents


def _vjp_of(
    partial: Callable[[Node, int], Node | None],
) -> Callable[[Node, Node, Node, ShapeOf], list[Node | None]]:
    def vjp(node: Node, ans: Node, ct: Node, shape_of: ShapeOf) -> list[Node | None]:
        factors = [partial(node, index) for index in range(len(node.args))]
        return [
            None if factor is None else unbroadcast(b.mul(ct, factor), arg, node, shape_of)
            for factor, arg in zip(factors, node.args, strict=True)
        ]

    return vjp


def _symbolic(scalar: Scalar) -> Callable[..., sympy.Expr]:
    def symbolic(node: Node, *args: sympy.Expr) -> sympy.Expr:
        return pointwise(lambda *scalars: scalar(*scalars), args)

    return symbolic


def elementwise(
    name: str,
    scalar: Scalar,
    evaluate: Callable[..., Any],
    inverse: Scalar | None = None,
    *,
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]] | None = None,
    symbolic: Callable[..., sympy.Expr] | None = None,
    derive: Scalar | None = None,
    partial: Callable[[Node, int], Node | None] | None = None,
) -> None:
    """Register a row: its scalar function, its evaluation, and what SymPy cannot know, where there is something.

    `derive` is the definition to differentiate when `scalar` is a SymPy function class that stands for it.
    """
    definition = derive or scalar
    arity = definition.__code__.co_argcount if hasattr(definition, "__code__") else 1

    def evaluate_node(node: Node, *values: Array) -> Array:
        return np.asarray(evaluate(*values))

    register(
        Op(
            name=name,
            arity=arity,
            shape=_shape,
            vjp=vjp or (_vjp_of(partial) if partial is not None else _vjp(definition, inverse, arity)),
            evaluate=evaluate_node,
            symbolic=symbolic or _symbolic(scalar),
            scalar=scalar,
            definition=derive,
            partial=partial,
            inverse=inverse,
        )
    )


def named(function: Any, evaluate: Callable[..., Any]) -> None:
    """Register a row for a SymPy function class that has its own definition."""
    elementwise(function.__name__, function, evaluate, function.inverse, derive=function.definition)


# -- arithmetic ------------------------------------------------------------------------------------------------------

elementwise(
    "add", lambda u, v: u + v, np.add,
    vjp=lambda node, ans, ct, shape: [unbroadcast(ct, arg, node, shape) for arg in node.args],
    symbolic=lambda node, u, v: _sum(u, v),
)  # fmt: skip
elementwise(
    "sub", lambda u, v: u - v, np.subtract,
    vjp=lambda node, ans, ct, shape: [
        unbroadcast(ct, node.args[0], node, shape),
        b.neg(unbroadcast(ct, node.args[1], node, shape)),
    ],
    symbolic=lambda node, u, v: _sum(u, _negative(v)),
)  # fmt: skip
elementwise("neg", lambda u: -u, np.negative, symbolic=lambda node, u: _negative(u))
elementwise("mul", lambda u, v: u * v, np.multiply, symbolic=lambda node, u, v: _product(u, v))
elementwise("div", lambda u, v: u / v, np.divide, lambda y, v: y * v)
elementwise("pow", lambda u, v: u**v, np.power, partial=lambda node, index: _power_partial(node, index))

# -- functions -------------------------------------------------------------------------------------------------------

named(sigmoid, lambda u: 0.5 * (1.0 + np.tanh(0.5 * u)))
named(relu, lambda u: np.where(u.real > 0, u, 0.0 * u))
named(softplus, lambda u: _softplus(u))
named(log_sigmoid, lambda u: -_softplus(-u))
named(hard_sigmoid, lambda u: np.where(u.real <= -3, 0.0 * u, np.where(u.real >= 3, 1.0 + 0.0 * u, u / 6 + 0.5)))
named(softsign, lambda u: u / (1.0 + _abs(u)))
elementwise("tanh", lambda u: sympy.tanh(u), np.tanh, lambda y: sympy.atanh(y))
elementwise("exp", lambda u: sympy.exp(u), np.exp, lambda y: sympy.log(y))
elementwise("log", lambda u: sympy.log(u), np.log)
elementwise("sqrt", lambda u: sympy.sqrt(u), np.sqrt)
elementwise("sin", lambda u: sympy.sin(u), np.sin)
elementwise("cos", lambda u: sympy.cos(u), np.cos)
elementwise("abs", lambda u: sympy.Abs(u), lambda u: _abs(u))
elementwise("sign", lambda u: sympy.sign(u), lambda u: np.sign(u.real), partial=lambda node, index: None)

# -- choices ---------------------------------------------------------------------------------------------------------

elementwise("maximum", lambda u, v: sympy.Max(u, v), lambda u, v: np.where(u.real >= v.real, u, v))
elementwise("minimum", lambda u, v: sympy.Min(u, v), lambda u, v: np.where(u.real <= v.real, u, v))
elementwise(
    "heaviside",
    lambda u: sympy.Heaviside(u),
    lambda u: np.heaviside(u.real, 0.5),
    partial=lambda node, index: None,
)
elementwise(
    "less",
    lambda u, v: sympy.StrictLessThan(u, v),
    lambda u, v: u.real < v.real,
    partial=lambda node, index: None,
)
elementwise(
    "less_equal",
    lambda u, v: sympy.LessThan(u, v),
    lambda u, v: u.real <= v.real,
    partial=lambda node, index: None,
)
elementwise(
    "where",
    lambda c, u, v: sympy.Piecewise((u, c if isinstance(c, Relational) else sympy.Ne(c, 0)), (v, True)),
    lambda c, u, v: np.where(c, u, v),
    partial=lambda node, index: _where_partial(node, index),
)


# -- the longer rules ------------------------------------------------------------------------------------------------


def _power_partial(node: Node, index: int) -> Node:
    # SymPy's u**v * v / u divides by zero at u = 0; v * u**(v - 1) does not.
    base, exponent = node.args
    if index == 0:
        return b.mul(exponent, b.power(base, b.sub(exponent, b.ONE)))
    return b.mul(node, Node("log", (base,)))


def _where_partial(node: Node, index: int) -> Node | None:
    ones = [(b.ONE, b.ZERO), (b.ZERO, b.ONE)]
    return None if index == 0 else Node("where", (node.args[0], *ones[index - 1]))


def _abs(u: Array) -> Array:
    return np.where(u.real < 0, -u, u)


def _softplus(u: Array) -> Array:
    positive = u.real > 0
    return np.where(positive, u, 0.0) + np.log1p(np.exp(np.where(positive, -u, u)))


def _sum(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return sympy.MatAdd(u, v, evaluate=False)
    if not u.is_Matrix and not v.is_Matrix:
        return sympy.Add(u, v, evaluate=False)
    matrix, scalar = (u, v) if u.is_Matrix else (v, u)
    spread = sympy.MatMul(scalar, sympy.OneMatrix(*matrix.shape), evaluate=False)
    return sympy.MatAdd(*((matrix, spread) if u.is_Matrix else (spread, matrix)), evaluate=False)


def _negative(u: sympy.Expr) -> sympy.Expr:
    return sympy.MatMul(-1, u, evaluate=False) if u.is_Matrix else sympy.Mul(-1, u, evaluate=False)


def _product(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return sympy.HadamardProduct(u, v, evaluate=False)
    matrix = u.is_Matrix or v.is_Matrix
    return sympy.MatMul(u, v, evaluate=False) if matrix else sympy.Mul(u, v, evaluate=False)


# -- any scalar function of the user's -------------------------------------------------------------------------------


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
    rewritten = function.expr.rewrite(sympy.exp) if function.expr.has(*_DEFINED) else function.expr
    return np.asarray(sympy.lambdify(function.variables, rewritten, "numpy")(*values))


_DEFINED = (sigmoid, softplus, log_sigmoid, relu, hard_sigmoid, softsign)

register(
    Op(
        name="elementwise",
        arity=None,
        shape=_shape,
        vjp=_user_vjp,
        evaluate=_user_evaluate,
        symbolic=lambda node, *args: pointwise(lambda *scalars: _lambda(node)(*scalars), args),
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


def is_elementwise(node: Node) -> bool:
    """Whether each element of the result depends on the same element of the arguments alone."""
    return node.op == "elementwise" or (node.op in TABLE and TABLE[node.op].scalar is not None)
