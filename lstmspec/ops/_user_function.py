"""Scalar functions that users write: traced with SymPy's symbols when they are declared, and refused there and then."""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable
from typing import Any, cast

import sympy

from ..diagnostics import Code, SpecError, fitting, refused, said, written
from ..nodes import Node, Operand, as_node, real
from ..sizes import scalar_in
from ._scalar import argument, node_from_scalar

MOST = 16  # arguments of a function that a user writes
_TRACING = contextvars.ContextVar("tracing", default=False)
_SYMBOLS = frozenset(argument(index) for index in range(MOST))
_NEEDED = "elementwise() needs a function of scalars that returns a SymPy expression"
_HELP = (
    "swish = elementwise(lambda u: u * sigmoid(u)); names of the cell are further arguments, choices sympy.Piecewise"
)


@fitting
def elementwise(function: Callable[..., Any]) -> Callable[..., Node]:
    """Any scalar function as an operation: `swish = elementwise(lambda u: u * sigmoid(u))`, then `swish(affine(x, h))`.

    The function gets a real SymPy symbol for each parameter and returns a SymPy expression; its derivative comes from
    SymPy. SymPy functions that have no row among the operations are refused here, when it is declared.

    Raises:
        SpecError: LS208 when the function does not return a scalar expression of known operations.

    """
    symbols = _symbols_for(function)
    expression = sympy.Lambda(symbols, _traced(function, symbols))
    arity = len(symbols)

    def apply(*args: Operand) -> Node:
        if len(args) != arity:
            message = f"this elementwise function takes {arity} operands, got {len(args)}"
            raise refused(Code.LS208, message)
        if is_tracing():  # inside another such function
            return cast(Node, expression(*(scalar_of(arg) for arg in args)))
        return Node("elementwise", tuple(as_node(arg) for arg in args), (expression,))

    functools.update_wrapper(apply, function, ("__name__", "__qualname__", "__doc__"), ())
    return fitting(apply)


def is_tracing() -> bool:
    """Whether a function that a user writes is being run: all in it are scalars of SymPy's."""
    return _TRACING.get()


def _has_argument(value: object) -> bool:
    return isinstance(value, sympy.Expr) and not _SYMBOLS.isdisjoint(value.free_symbols)


def scalar_of(value: Operand) -> sympy.Expr:
    """An operand inside a function that a user writes. Raises SpecError, LS208 or LS211, for what is no scalar."""
    if _has_argument(value) or (isinstance(value, sympy.Expr) and value.is_number and value.is_finite):
        return value  # sqrt(2) stays what it is
    number = as_node(value)
    if number.op != "number":
        raise refused(Code.LS208, "a function of elementwise() reads its own arguments and numbers alone", help=_HELP)
    return sympy.Integer(int(number.value)) if number.value.is_integer() else sympy.Float(number.value)


def _symbols_for(function: Callable[..., Any]) -> tuple[sympy.Symbol, ...]:
    """A symbol for each parameter of a function."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception as error:  # no function, or one whose parameters Python does not know
        raise refused(Code.LS208, f"{_NEEDED}: {written(function)} is none", help=_HELP) from error
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    odd = [parameter.name for parameter in parameters if parameter.kind not in positional]
    if odd or not 1 <= len(parameters) <= MOST:
        says = f"`{odd[0]}` is not one operand" if odd else f"it has {len(parameters)} parameters"
        raise refused(Code.LS208, f"{_NEEDED}: {says}", help=_HELP)
    return tuple(argument(index) for index in range(len(parameters)))


def _traced(function: Callable[..., Any], symbols: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    """The expression that a function returns, of known operations, with known derivatives."""
    token = _TRACING.set(True)
    try:
        returned = function(*symbols)
        if isinstance(returned, Node):
            raise NotImplementedError("it reads a name of the cell")
        if (not isinstance(returned, sympy.Expr) and real(returned) is None) or getattr(returned, "is_Matrix", False):
            raise NotImplementedError(f"it returns {written(returned)}, which is no scalar")
        expression = sympy.sympify(scalar_in(returned), strict=True)  # strictly: SymPy would run text as code
        for part in (expression, *(sympy.diff(expression, symbol) for symbol in symbols)):
            node_from_scalar(part, {symbol: Node("ref", (), ("u",)) for symbol in symbols})
    except SpecError as error:
        found = error.diagnostics[-1]
        raise refused(found.code, f"{_NEEDED}: {found.message}", help=_HELP) from error
    except Exception as error:  # the function is the user's own code, and SymPy has many ways to fail
        named = "" if isinstance(error, NotImplementedError) else f"{type(error).__name__}: "
        raise refused(Code.LS208, f"{_NEEDED}: {named}{said(error)}", help=_HELP) from error
    finally:
        _TRACING.reset(token)
    return expression
