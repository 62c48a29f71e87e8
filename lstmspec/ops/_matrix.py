"""SymPy matrix expressions: how a scalar function becomes one of vectors, and a matrix of one element a scalar."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from ._scalar import argument

ROW, COLUMN = sympy.symbols("row column", integer=True)


def pointwise(function: Callable[..., sympy.Expr], args: Sequence[sympy.Expr]) -> sympy.Expr:
    """The function applied to each element, unevaluated: `applyfunc` for one matrix, a matrix written by element else.

    SymPy's `applyfunc` takes one matrix; with several the function is written over their common index.
    """
    matrices = [arg for arg in args if arg.is_Matrix]
    if not matrices:
        return function(*args)
    if len(matrices) == 1:
        scalars = {name for arg in args if not arg.is_Matrix for name in arg.free_symbols}
        symbol = next(argument(index) for index in itertools.count() if argument(index) not in scalars)
        body = function(*(symbol if arg.is_Matrix else arg for arg in args))
        return ElementwiseApplyFunction(sympy.Lambda(symbol, body), matrices[0])
    body = function(*(_element(arg) if arg.is_Matrix else arg for arg in args))
    return sympy.FunctionMatrix(*matrices[0].shape, sympy.Lambda((ROW, COLUMN), body))


def only_element(matrix: sympy.Expr) -> sympy.Expr:
    """The scalar that a matrix of one row and one column has. A Trace is one too, but no word of NumPy to SymPy."""
    return MatrixElement(matrix, 0, 0)


def ones_row(u: sympy.Expr) -> sympy.Expr:
    """The row of ones that sums the rows of a matrix."""
    return sympy.OneMatrix(1, u.shape[0])


def _element(matrix: sympy.Expr) -> sympy.Expr:
    """The element at ROW and COLUMN. What is elementwise is written out, what is not stays whole.

    SymPy's own `matrix[row, column]` makes a Sum of every product, in which nobody knows the equation again.
    """
    if isinstance(matrix, sympy.MatAdd):
        return sympy.Add(*(_element(arg) for arg in matrix.args), evaluate=False)
    if isinstance(matrix, sympy.OneMatrix):
        return sympy.S.One
    if isinstance(matrix, ElementwiseApplyFunction):
        return matrix.function(_element(matrix.expr))
    if isinstance(matrix, sympy.FunctionMatrix):
        return matrix.lamda(ROW, COLUMN)
    several = isinstance(matrix, sympy.MatMul) and sum(arg.is_Matrix for arg in matrix.args) > 1
    if isinstance(matrix, sympy.HadamardProduct | sympy.MatMul) and not several:
        factors = [_element(arg) if arg.is_Matrix else arg for arg in matrix.args]
        return sympy.Mul(*(factor for factor in factors if factor != 1), evaluate=False)
    return MatrixElement(matrix, ROW, COLUMN)
