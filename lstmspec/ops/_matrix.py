"""SymPy matrix expressions: how a scalar function becomes one of vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from ._scalar import argument


def pointwise(function: Callable[..., sympy.Expr], args: Sequence[sympy.Expr]) -> sympy.Expr:
    """The function applied to each element, unevaluated: `applyfunc` for one matrix, an element-wise sum of them else.

    SymPy's `applyfunc` takes one matrix; with several the function is written over their common index.
    """
    matrices = [arg for arg in args if arg.is_Matrix]
    if not matrices:
        return function(*args)
    if len(matrices) == 1:
        symbol = argument(0)
        body = function(*(symbol if arg.is_Matrix else arg for arg in args))
        return ElementwiseApplyFunction(sympy.Lambda(symbol, body), matrices[0])
    row, column = sympy.symbols("row column", integer=True)
    body = function(*(arg[row, column] if arg.is_Matrix else arg for arg in args))
    return sympy.FunctionMatrix(*matrices[0].shape, sympy.Lambda((row, column), body))
