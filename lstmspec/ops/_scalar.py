"""Scalar calculus, done by SymPy: definitions of elementwise operations and their derivatives.

A derivative is `sympy.diff` of the definition. It is then written in terms of the result where that is shorter
(sigmoid: y * (1 - y); tanh: 1 - y**2), by substituting the inverse, and in terms of another operation where it is one
(softplus: sigmoid), because the expanded form overflows where the operation itself does not.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy
from sympy.core.function import FunctionClass

from ..diagnostics import one_line
from ..nodes import Node, number, real
from . import _build as b
from ._op import TABLE

RESULT = sympy.Symbol("y", real=True)


def argument(index: int) -> sympy.Symbol:
    """The symbol that stands for an argument in definitions; real, so that |u| has a derivative."""
    return sympy.Symbol(f"u{index}", real=True)


class ScalarFunction(sympy.Function):  # type: ignore[misc]  # sympy is untyped
    """A function with a definition; SymPy differentiates and evaluates it through that."""

    @staticmethod
    def definition(u: sympy.Expr) -> sympy.Expr:
        """The scalar expression it stands for."""
        raise NotImplementedError

    inverse: Callable[[sympy.Expr], sympy.Expr] | None = None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative, in terms of the function itself where that is shorter."""
        (derivative,) = partials(type(self).definition, type(self).inverse, 1)
        return derivative.subs({argument(0): self.args[0], RESULT: self})

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return type(self).definition(self.args[0]).evalf(prec)

    def _eval_rewrite_as_exp(self, u: sympy.Expr, **_: object) -> sympy.Expr:
        return type(self).definition(u)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real  # type: ignore[no-any-return]  # sympy is untyped


def scalar_function(name: str, definition: Callable[..., Any], inverse: Callable[..., Any] | None = None) -> Any:
    """A SymPy function class of that name."""
    inverse = staticmethod(inverse) if inverse is not None else None
    inlined = sympy.Lambda(argument(0), definition(argument(0)))  # what SymPy's printers of code write for it
    members = {"definition": staticmethod(definition), "inverse": inverse, "nargs": 1, "_imp_": inlined}
    return type(name, (ScalarFunction,), members)


def recognised() -> Iterator[Callable[[sympy.Expr], sympy.Expr]]:
    """What a derivative may be, though SymPy writes it out: the logistic function, of u and of -u."""
    if "sigmoid" in TABLE and (logistic := TABLE["sigmoid"].scalar) is not None:
        yield logistic
        yield lambda u: logistic(-u)


@functools.cache
def partials(
    definition: Callable[..., sympy.Expr], inverse: Callable[..., sympy.Expr] | None, arity: int
) -> tuple[sympy.Expr, ...]:
    """The derivative of a definition with respect to each argument, over `argument(i)` and RESULT."""
    args = [argument(index) for index in range(arity)]
    return tuple(_shortest(sympy.diff(definition(*args), arg), args, inverse) for arg in args)


def _shortest(
    derivative: sympy.Expr, args: list[sympy.Symbol], inverse: Callable[..., sympy.Expr] | None
) -> sympy.Expr:
    forms = [derivative]
    if inverse is not None:
        by_result = derivative.subs(args[0], inverse(RESULT, *args[1:]))
        forms += [sympy.simplify(by_result), sympy.factor(by_result)]
    elif derivative.has(sympy.exp):
        # Only these can overflow where the operation does not; the closed forms of the others stay as SymPy gave them.
        for known in recognised():
            if sympy.simplify(known(args[0]).rewrite(sympy.exp) - derivative) == 0:
                return known(args[0])
    return min(forms, key=sympy.count_ops)


def node_from_scalar(expr: sympy.Expr, values: Mapping[sympy.Symbol, Node]) -> Node:
    """A scalar SymPy expression as a tree of elementwise operations, its symbols replaced by nodes.

    Raises:
        NotImplementedError: a SymPy function that is no operation of the language; the message names it.

    """

    def convert(part: sympy.Expr) -> Node:
        return node_from_scalar(part, values)

    if expr in values:
        return values[expr]
    if expr.is_number:
        value = real(expr)
        if value is None or not math.isfinite(value):
            raise NotImplementedError(f"`{one_line(str(expr))}` is no finite real number")
        return number(value)
    if expr.is_Add:
        # SymPy has its own order of terms; a constant reads best first (1 - y), the rest as SymPy has it.
        return functools.reduce(b.add, [convert(term) for term in expr.args])
    if expr.is_Mul:
        return _product(expr, convert)
    if expr.is_Pow:
        base, exponent = expr.as_base_exp()
        if exponent.is_number and exponent < 0:
            return b.div(b.ONE, b.power(convert(base), number(float(-exponent))))
        return b.power(convert(base), convert(exponent))
    if isinstance(expr, sympy.Piecewise):
        return _piecewise(expr, convert)
    if (name := operation_of(expr.func)) is not None:
        args = [convert(arg) for arg in expr.args if arg != sympy.S.Half or name != "heaviside"]
        if TABLE[name].arity == 2:  # SymPy's maximum has any number of them
            return functools.reduce(lambda left, right: Node(name, (left, right)), args)
        return Node(name, tuple(args))
    raise NotImplementedError(f"`{expr.func.__name__}` has no row among the operations; known: {', '.join(_names())}")


def _product(expr: sympy.Expr, convert: Callable[[sympy.Expr], Node]) -> Node:
    numerator, denominator = expr.as_numer_denom() if any(_is_reciprocal(arg) for arg in expr.args) else (expr, 1)
    if denominator != 1:
        return b.div(convert(numerator), convert(denominator))
    factors = list(expr.args)
    if factors[0].is_number and factors[0] < 0 and (places := [i for i, f in enumerate(factors) if f.is_Add]):
        # -y*(y - 1) reads y*(1 - y)
        factors[0], factors[places[0]] = -factors[0], -factors[places[0]]
    return functools.reduce(b.mul, [convert(factor) for factor in factors if factor != 1])


def _is_reciprocal(expr: sympy.Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_number and expr.exp < 0)


def _piecewise(expr: sympy.Piecewise, convert: Callable[[sympy.Expr], Node]) -> Node:
    *pieces, (last, always) = expr.args
    if always != sympy.true:
        raise NotImplementedError(f"`{expr}` needs a last piece (value, True)")
    result = convert(last)
    for value, condition in reversed(pieces):
        result = _where(condition, convert(value), result, convert)
    return result


def _where(condition: sympy.Expr, this: Node, that: Node, convert: Callable[[sympy.Expr], Node]) -> Node:
    if isinstance(condition, sympy.Or):
        return functools.reduce(lambda rest, part: _where(part, this, rest, convert), condition.args, that)
    if isinstance(condition, sympy.And):
        return functools.reduce(lambda rest, part: _where(part, rest, that, convert), condition.args, this)
    if isinstance(condition, sympy.Ne):
        return _where(sympy.Eq(*condition.args), that, this, convert)
    if isinstance(condition, sympy.Eq):
        left, right = condition.args
        return _where(sympy.Le(left, right), _where(sympy.Ge(left, right), this, that, convert), that, convert)
    if not isinstance(condition, sympy.core.relational.Relational):
        raise NotImplementedError(f"condition `{condition}` is no comparison with < <= > >= == !=")
    name = "less" if isinstance(condition, sympy.StrictLessThan | sympy.StrictGreaterThan) else "less_equal"
    # SymPy's lts and gts are the smaller and the greater side, whichever way it was written.
    return Node("where", (Node(name, (convert(condition.lts), convert(condition.gts))), this, that))


def operation_of(function: Any) -> str | None:
    """The operation that a SymPy function is, if it is one."""
    return next((op.name for op in TABLE.values() if op.scalar is function), None)


def _names() -> list[str]:
    return sorted(op.name for op in TABLE.values() if isinstance(op.scalar, FunctionClass))
