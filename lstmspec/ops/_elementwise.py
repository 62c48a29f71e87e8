"""Elementwise operations, a row each: name, scalar function, float64 evaluation, and what SymPy cannot know.

Evaluations accept complex arguments wherever the function is piecewise analytic, so that complex-step differentiation
of the oracle is exact; branches are chosen by the real part.
"""

from __future__ import annotations

import math

import numpy as np
import sympy
from sympy.core.relational import Relational

from ..nodes import Node
from . import _build as b
from ._interval import ANY, INFINITY, POSITIVE, SIGNED_UNIT, UNIT, Interval, absolute, larger, point, power, smaller
from ._matrix import pointwise
from ._op import Array, ShapeOf
from ._pointwise import elementwise_row, unbroadcast

LARGEST = 709.0  # whose exponential is a float64

# -- arithmetic ------------------------------------------------------------------------------------------------------

elementwise_row(
    "add", "u v", lambda u, v: u + v, np.add,
    vjp=lambda node, ans, ct, shape: [unbroadcast(ct, arg, node, shape) for arg in node.args],
    symbolic=lambda node, u, v: _sum(u, v),
    bounds=lambda u, v: u + v,
)  # fmt: skip
elementwise_row(
    "sub", "u v", lambda u, v: u - v, np.subtract,
    vjp=lambda node, ans, ct, shape: [
        unbroadcast(ct, node.args[0], node, shape),
        b.neg(unbroadcast(ct, node.args[1], node, shape)),
    ],
    symbolic=lambda node, u, v: _difference(u, v),
    bounds=lambda u, v: u - v,
)  # fmt: skip
elementwise_row("neg", "u", lambda u: -u, np.negative, symbolic=lambda node, u: _negative(u), bounds=lambda u: -u)
elementwise_row(
    "mul", "u v", lambda u, v: u * v, np.multiply,
    symbolic=lambda node, u, v: _product(u, v),
    bounds=lambda u, v: u * v,
)  # fmt: skip
elementwise_row(
    "div", "u v", lambda u, v: u / v, np.divide, lambda y, v: y * v,
    symbolic=lambda node, u, v: _quotient(u, v),
    bounds=lambda u, v: u * v.inverse(),
)  # fmt: skip
elementwise_row(
    "pow", "u v", lambda u, v: u**v, np.power, partial=lambda node, index: _power_partial(node, index), bounds=power
)

# -- functions that SymPy has ------------------------------------------------------------------------------------------

elementwise_row(
    "tanh", "u", sympy.tanh, np.tanh, sympy.atanh,
    bounds=lambda u: SIGNED_UNIT,
    doc="The hyperbolic tangent, elementwise.",
)  # fmt: skip
elementwise_row(
    "exp", "u", sympy.exp, np.exp, sympy.log,
    bounds=lambda u: _exponential(u),
    doc="The exponential, elementwise.",
)  # fmt: skip
elementwise_row(
    "log", "u", sympy.log, np.log, bounds=lambda u: _logarithm(u), doc="The natural logarithm, elementwise."
)
elementwise_row(
    "sqrt", "u", lambda u: sympy.sqrt(u), np.sqrt,
    bounds=lambda u: power(u, point(0.5)),
    doc="The square root, elementwise.",
)  # fmt: skip
elementwise_row("sin", "u", sympy.sin, np.sin, bounds=lambda u: Interval(-1.0, 1.0), doc="The sine, elementwise.")
elementwise_row("cos", "u", sympy.cos, np.cos, bounds=lambda u: Interval(-1.0, 1.0), doc="The cosine, elementwise.")
elementwise_row(
    "floor", "u", lambda u: sympy.floor(u), lambda u: np.floor(u.real),
    partial=lambda node, index: None,
    bounds=lambda u: u.through(lambda end: end if math.isinf(end) else float(math.floor(end))),
)  # fmt: skip
elementwise_row(
    "mod", "u v", lambda u, v: sympy.Mod(u, v), lambda u, v: u - v * np.floor((u / v).real),
    partial=lambda node, index: b.ONE if index == 0 else b.neg(Node("floor", (b.div(*node.args),))),
    bounds=lambda u, v: Interval(0.0, v.high, high_open=True) if v.is_positive else ANY,
    doc="u - v * floor(u / v), elementwise, with the sign of v; the phase of something periodic.",
)  # fmt: skip
elementwise_row("abs", "u", sympy.Abs, lambda u: _abs(u), bounds=absolute)
elementwise_row(
    "sign", "u", sympy.sign, lambda u: np.sign(u.real),
    partial=lambda node, index: None,
    bounds=lambda u: Interval(-1.0, 1.0),
)  # fmt: skip

# -- functions by their definition -------------------------------------------------------------------------------------

elementwise_row(
    "sigmoid", "u", None, lambda u: 0.5 * (1.0 + np.tanh(0.5 * u)), lambda y: sympy.log(y / (1 - y)),
    definition=lambda u: 1 / (1 + sympy.exp(-u)),
    bounds=lambda u: UNIT,
    doc="The logistic function 1 / (1 + exp(-u)), elementwise.",
)  # fmt: skip
elementwise_row(
    "relu", "u", None, lambda u: np.where(u.real > 0, u, 0.0 * u),
    definition=lambda u: sympy.Piecewise((u, u > 0), (0, True)),
    bounds=lambda u: larger(u, point(0.0)),
    doc="max(u, 0), elementwise; its derivative at 0 is 0, as in PyTorch.",
)  # fmt: skip
elementwise_row(
    "softplus", "u", None, lambda u: _softplus(u),
    definition=lambda u: sympy.log(1 + sympy.exp(u)),
    bounds=lambda u: POSITIVE,
    doc="log(1 + exp(u)), elementwise, without overflow.",
)  # fmt: skip
elementwise_row(
    "log_sigmoid", "u", None, lambda u: -_softplus(-u),
    definition=lambda u: -sympy.log(1 + sympy.exp(-u)),
    bounds=lambda u: -POSITIVE,
    doc="log(sigmoid(u)) = -log(1 + exp(-u)), elementwise, without overflow.",
)  # fmt: skip
elementwise_row(
    "hard_sigmoid", "u", None,
    lambda u: np.where(u.real <= -3, 0.0 * u, np.where(u.real >= 3, 1.0 + 0.0 * u, u / 6 + 0.5)),
    definition=lambda u: sympy.Piecewise((0, u <= -3), (1, u >= 3), (u / 6 + sympy.Rational(1, 2), True)),
    bounds=lambda u: Interval(0.0, 1.0),
    doc="0 below -3, 1 above 3, u/6 + 1/2 between, elementwise; the piecewise linear form that PyTorch uses.",
)  # fmt: skip
elementwise_row(
    "softsign", "u", None, lambda u: u / (1.0 + _abs(u)),
    definition=lambda u: u / (1 + sympy.Abs(u)),
    bounds=lambda u: SIGNED_UNIT,
    doc="u / (1 + |u|), elementwise.",
)  # fmt: skip

# -- choices ---------------------------------------------------------------------------------------------------------

elementwise_row(
    "maximum", "u v", sympy.Max, lambda u, v: np.where(u.real >= v.real, u, v),
    bounds=larger,
    doc="The larger of two, elementwise; where they are equal each gets half of the cotangent, as in PyTorch.",
)  # fmt: skip
elementwise_row(
    "minimum", "u v", sympy.Min, lambda u, v: np.where(u.real <= v.real, u, v),
    bounds=smaller,
    doc="The smaller of two, elementwise; where they are equal each gets half of the cotangent, as in PyTorch.",
)  # fmt: skip
elementwise_row(
    "heaviside", "u", sympy.Heaviside, lambda u: np.heaviside(u.real, 0.5),
    partial=lambda node, index: None,
    bounds=lambda u: Interval(0.0, 1.0),
)  # fmt: skip
elementwise_row(
    "less", "u v", lambda u, v: sympy.StrictLessThan(u, v), lambda u, v: u.real < v.real,
    condition=True,
    partial=lambda node, index: None,
)  # fmt: skip
elementwise_row(
    "less_equal", "u v", lambda u, v: sympy.LessThan(u, v), lambda u, v: u.real <= v.real,
    condition=True,
    partial=lambda node, index: None,
)  # fmt: skip
elementwise_row(
    "where", "condition this that",
    lambda c, u, v: sympy.Piecewise((u, c if isinstance(c, Relational) else sympy.Ne(c, 0)), (v, True)),
    lambda c, u, v: np.where(c, u, v),
    conditions=(0,),
    bounds=lambda c, u, v: u | v,
    vjp=lambda node, ans, ct, shape: _where_vjp(node, ct, shape),
    partial=lambda node, index: _where_partial(node, index),
    doc="Take `this` where the condition (`u < v`, `u <= v`, …) holds and `that` elsewhere, elementwise.",
)  # fmt: skip


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


def _where_vjp(node: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    # The cotangent goes one way or the other; a product with 0 would make NaN of an infinite one.
    condition, this, that = node.args
    ways = Node("where", (condition, ct, b.ZERO)), Node("where", (condition, b.ZERO, ct))
    return [None, *(unbroadcast(way, arg, node, shape) for way, arg in zip(ways, (this, that), strict=True))]


def _exponential(u: Interval) -> Interval:
    low = math.exp(min(u.low, LARGEST))
    return Interval(low, math.exp(u.high) if u.high < LARGEST else INFINITY, u.low_open or low == 0, u.high_open)


def _logarithm(u: Interval) -> Interval:
    low, high = (math.log(end) if end > 0 else -INFINITY for end in (u.low, max(u.high, 0.0)))
    return Interval(low, high, u.low_open, u.high_open)


def _abs(u: Array) -> Array:
    return np.where(u.real < 0, -u, u)


def _softplus(u: Array) -> Array:
    positive = u.real > 0
    return np.where(positive, u, 0.0) + np.log1p(np.exp(np.where(positive, -u, u)))


def _sum(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return sympy.MatAdd(u, v, evaluate=False)
    return pointwise(lambda left, right: sympy.Add(left, right, evaluate=False), [u, v])


def _difference(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return _sum(u, _negative(v))
    return pointwise(lambda left, right: _sum(left, _negative(right)), [u, v])


def _negative(u: sympy.Expr) -> sympy.Expr:
    return sympy.MatMul(-1, u, evaluate=False) if u.is_Matrix else sympy.Mul(-1, u, evaluate=False)


def _product(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return sympy.HadamardProduct(u, v, evaluate=False)
    if (u if v.is_Matrix else v).has(sympy.MatrixExpr):
        # A sum within a factor: printers look for its sign by evaluating the product, which they do not always survive.
        return pointwise(lambda left, right: sympy.Mul(left, right, evaluate=False), [u, v])
    matrix = u.is_Matrix or v.is_Matrix
    return sympy.MatMul(u, v, evaluate=False) if matrix else sympy.Mul(u, v, evaluate=False)


def _quotient(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    if u.is_Matrix and v.is_Matrix:
        return sympy.HadamardProduct(u, pointwise(lambda each: 1 / each, [v]), evaluate=False)
    return pointwise(lambda over, under: sympy.Mul(over, 1 / under, evaluate=False), [u, v])
