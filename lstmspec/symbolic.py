"""Equations as SymPy: unevaluated, in the order declared, with dimensions as SymPy integer symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import sympy

from .checker import shapes_within
from .language import Equation
from .nodes import Name, Node, subnodes
from .ops import TABLE
from .sizes import Shape, sympy_from


def sympy_symbol(name: str, shape: Shape) -> sympy.Expr:
    """A name in SymPy: a MatrixSymbol, of one column for a vector; a real Symbol for a scalar."""
    if not shape:
        return sympy.Symbol(name, real=True)
    sizes = [sympy_from(size) for size in shape]
    return sympy.MatrixSymbol(name, sizes[0], sizes[1] if len(sizes) == 2 else sympy.Integer(1))


def sympy_number(value: float) -> sympy.Expr:
    """A number as the fraction that it was written as: 1/3, 1/100000. SymPy's nsimplify makes 0 of 1e-37."""
    if not math.isfinite(value):
        return sympy.Float(value)
    short = Fraction(value).limit_denominator(1000)
    return sympy.Rational(short) if float(short) == value else sympy.Rational(repr(value))


def sympy_expression(root: Node, names: Mapping[Name, Shape]) -> sympy.Expr:
    """An expression in SymPy: MatMul, HadamardProduct, BlockMatrix, applyfunc …, nothing evaluated or reordered."""
    known: dict[Node, sympy.Expr] = {}
    for node in subnodes(root):
        if node.op == "ref":
            name = node.name
            known[node] = sympy_symbol(name, names[name])
        elif node.op == "number":
            known[node] = sympy_number(node.value)
        else:
            known[node] = TABLE[node.op].symbolic(node, *(known[arg] for arg in node.args))
    return known[root]


def sympy_equation(equation: Equation, names: Mapping[Name, Shape]) -> sympy.Eq:
    """`name = expression` as an unevaluated Eq."""
    left = sympy_symbol(equation.name, shapes_within(equation.expr, names)[equation.expr])
    return sympy.Eq(left, sympy_expression(equation.expr, names), evaluate=False)
