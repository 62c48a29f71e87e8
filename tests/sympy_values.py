"""The value of a SymPy expression as numbers: a strict reader, independent of what SymPy evaluates and prints.

Invariant: a scalar is a float, a matrix an array of two axes, and nothing spreads. What is not in the tables stops the
reader, so that no equation passes unread.
"""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

SCALAR = {
    "Add": lambda *terms: math.fsum(terms),
    "Mul": lambda *factors: math.prod(factors),
    "Pow": lambda base, exponent: base**exponent,
    "Max": max,
    "Min": min,
    "Abs": abs,
    "Mod": lambda u, v: u - v * math.floor(u / v),
    "floor": math.floor,
    "sign": lambda u: math.copysign(1.0, u) if u else 0.0,
    "Heaviside": lambda u, at_zero=0.5: 1.0 if u > 0 else 0.0 if u < 0 else at_zero,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
    "softplus": lambda u: math.log1p(math.exp(u)),
    "log_sigmoid": lambda u: -math.log1p(math.exp(-u)),
    "relu": lambda u: max(u, 0.0),
    "hard_sigmoid": lambda u: min(max(u / 6 + 0.5, 0.0), 1.0),
    "softsign": lambda u: u / (1 + abs(u)),
    "StrictLessThan": lambda u, v: u < v,
    "LessThan": lambda u, v: u <= v,
    "Equality": lambda u, v: u == v,
    "Unequality": lambda u, v: u != v,
    "StrictGreaterThan": lambda u, v: u > v,
    "GreaterThan": lambda u, v: u >= v,
}


def _same(parts):
    assert len({part.shape for part in parts}) == 1, f"shapes {[part.shape for part in parts]}"
    return parts


def _product(*factors):
    matrices = [factor for factor in factors if np.ndim(factor)]
    scale = math.prod(factor for factor in factors if not np.ndim(factor))
    return scale * reduce(np.matmul, matrices)


MATRIX = {
    "MatAdd": lambda *terms: sum(_same(terms)),
    "MatMul": _product,
    "HadamardProduct": lambda *factors: reduce(np.multiply, _same(factors)),
    "KroneckerProduct": lambda *factors: reduce(np.kron, factors),
    "Transpose": np.transpose,
    "DiagMatrix": lambda u: np.diag(u[:, 0]),
    "DiagonalOf": lambda u: np.diagonal(u)[:, None],
}


class Reader:
    """Reads expressions where names have these values: scalars, vectors and matrices; sizes are dimension symbols'."""

    def __init__(self, names, sizes):
        self.names = names
        self.sizes = sizes
        self.known = {}  # what no index is in, once

    def __call__(self, expr, **bound):
        if bound and getattr(expr, "is_Matrix", False):  # an operand of products: whole, it does not depend on an index
            free = {symbol.name for symbol in expr.free_symbols}
            bound = {name: value for name, value in bound.items() if name in free}
        key = expr, *sorted(bound.items())
        if key not in self.known:
            self.known[key] = self._read(expr, bound)
        return self.known[key]

    def _read(self, expr, bound):
        def read(part):
            return self(part, **bound)

        kind = type(expr).__name__
        if isinstance(expr, sympy.Number | sympy.NumberSymbol):
            return float(expr)
        if expr in (sympy.true, sympy.false):
            return bool(expr)
        if isinstance(expr, sympy.Symbol):
            return self._symbol(expr, bound)
        if isinstance(expr, sympy.MatrixSymbol):
            value = self.names[expr.name]
            return value if value.ndim == 2 else value[:, None]
        if isinstance(expr, sympy.OneMatrix | sympy.ZeroMatrix | sympy.Identity):
            make = {"OneMatrix": np.ones, "ZeroMatrix": np.zeros, "Identity": lambda shape: np.eye(*shape)}[kind]
            return make(self._shape(expr))
        if isinstance(expr, sympy.BlockMatrix):
            rows, columns = expr.blockshape
            return np.block([[read(expr.blocks[row, column]) for column in range(columns)] for row in range(rows)])
        if isinstance(expr, MatrixElement):
            row, column = (round(read(index)) for index in expr.indices)
            return float(read(expr.parent)[row, column])
        if type(expr).__name__ == "MatrixSlice":
            return read(expr.parent)[self._slice(expr.rowslice), self._slice(expr.colslice)]
        if isinstance(expr, ElementwiseApplyFunction):
            (variable,) = expr.function.variables
            inner = {name: value for name, value in bound.items() if name != variable.name}
            values = read(expr.expr)
            made = [self(expr.function.expr, **inner, **{variable.name: float(each)}) for each in values.flat]
            return np.reshape(made, values.shape)
        if isinstance(expr, sympy.FunctionMatrix):
            row, column = (variable.name for variable in expr.lamda.variables)
            shape = self._shape(expr)
            made = [self(expr.lamda.expr, **{**bound, row: r, column: c}) for r, c in np.ndindex(*shape)]
            return np.reshape(made, shape).astype(float)
        if isinstance(expr, sympy.Piecewise):
            return next(read(value) for value, condition in expr.args if read(condition))
        args = [read(arg) for arg in expr.args]
        return (MATRIX if expr.is_Matrix else SCALAR)[kind](*args)

    def _symbol(self, symbol, bound):
        if symbol.name in bound and not symbol.is_positive:
            return bound[symbol.name]
        if symbol.is_integer:
            return self.sizes[symbol.name]
        assert self.names[symbol.name].shape == ()
        return float(self.names[symbol.name])

    def _shape(self, expr):
        return [round(self(size)) for size in expr.shape]

    def _slice(self, bounds):
        return slice(*(round(self(bound)) for bound in bounds))
