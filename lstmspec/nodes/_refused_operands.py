"""Operands that are no expressions, and functions of other packages that take none: the findings about them."""

from __future__ import annotations

import numbers
import operator
from collections.abc import Callable, Mapping
from typing import Any

import sympy

from ..diagnostics import Code, SpecError, refused, written
from ._refused_operators import CONDITIONS, EQUALITY, no_equality

ATTRIBUTES = ("T", "name", "next", "prev", "value")
NO_METHODS = "functions are called, not methods: sum(u), mean(u), tanh(u); a dimension as a number is size(k)"
_OWN_FUNCTIONS = "import the function from lstmspec: tanh, exp, concat, …"

# Python's operators under the names of NumPy and of PyTorch, which ask where a number of theirs stands on the left.
_OPERATORS: Mapping[Callable[..., Any], tuple[str, ...]] = {
    operator.add: ("add",),
    operator.sub: ("subtract", "sub"),
    operator.mul: ("multiply", "mul"),
    operator.truediv: ("divide", "div"),
    operator.pow: ("power", "pow"),
    operator.matmul: ("matmul",),
    operator.lt: ("less", "lt"),
    operator.le: ("less_equal", "le"),
    operator.gt: ("greater", "gt"),
    operator.ge: ("greater_equal", "ge"),
    operator.mod: ("remainder",),
    operator.floordiv: ("floor_divide", "floordiv"),
    divmod: ("divmod",),
    operator.and_: ("bitwise_and", "and"),
    operator.or_: ("bitwise_or", "or"),
    operator.xor: ("bitwise_xor", "xor"),
    operator.lshift: ("left_shift", "lshift"),
    operator.rshift: ("right_shift", "rshift"),
}


class NotForSymPy(SpecError, sympy.SympifyError):  # type: ignore[misc]  # sympy is untyped
    """A finding that SymPy understands: it then lets the other operand of an operator have its turn."""

    def __init__(self) -> None:
        found = refused(Code.LS208, "SymPy cannot take an expression of a cell", help=_OWN_FUNCTIONS)
        SpecError.__init__(self, found.diagnostics)


def operator_of(package: str, name: str, options: Mapping[str, object]) -> Callable[..., Any]:
    """Python's operator that a function of NumPy or PyTorch is. Raises SpecError for any other, or with options."""
    bare = name.strip("_")
    if bare in ("equal", "not_equal", "eq", "ne"):
        raise no_equality()
    found = next((own for own, names in _OPERATORS.items() if bare in names), None)
    if found is None or options:
        raise no_function_of(package, f"{name}({', '.join(f'{option}=' for option in options)})" if options else name)
    return found


def no_function_of(package: str, name: str) -> SpecError:
    """The finding for a function of another package."""
    return refused(Code.LS208, f"{package}'s {name} cannot take an expression", help=_OWN_FUNCTIONS)


def no_expression(value: object) -> SpecError:
    """The finding for an operand that is neither an expression nor a number."""
    message = f"{written(value)} ({type(value).__name__}) is not an expression"
    help_ = "use names declared in the cell (Input, State, Weight, Bias, Constant, equations) and numbers"
    if isinstance(value, list | tuple):
        message = "a list is not an expression"
        help_ = "drop the brackets, affine(x, h), or join the vectors, concat(x, h)"
    elif hasattr(type(value), "__array__"):
        help_ = "numbers that are learned are a Weight or a Bias; a single number is written as it is"
    elif callable(value) and isinstance(name := getattr(value, "__name__", None), str):
        message, help_ = f"the function `{name}` is not an expression", f"call it: {name}(…)"
    elif isinstance(value, bool):
        help_ = f"{CONDITIONS}; {EQUALITY}"
    elif isinstance(value, numbers.Complex) or (isinstance(value, sympy.Expr) and value.is_number):
        help_ = "cells compute with real numbers"
    elif isinstance(value, sympy.Expr):
        help_ = "a dimension as a number is size(k): u / sqrt(size(k))"
    return refused(Code.LS208, message, help=help_)
