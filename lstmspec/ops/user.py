"""The functions that users call in equations: one for each row that has words for users, and those made of several.

Each accepts expressions of the language, or SymPy scalars inside `elementwise`, so that
`elementwise(lambda u: u * sigmoid(u))` reads as it should.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import sympy

from ..diagnostics import Code, fitting, refused
from ..nodes import Node, Operand, as_node, dimension
from ..sizes import Size
from ._function import Function, function_of
from ._op import TABLE
from ._scalar import argument, node_from_scalar


@functools.cache
def _function(name: str) -> Function:
    return function_of(TABLE[name])


def __getattr__(name: str) -> Function:
    """The function of a row: `user.tanh`, and of one that was registered a moment ago."""
    if name not in TABLE or not TABLE[name].doc:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _function(name)


def functions() -> tuple[str, ...]:
    """The names of all functions that users call, alphabetically."""
    rows = [op.name for op in TABLE.values() if op.doc]
    return tuple(sorted([*rows, "elementwise", "identity", "layer_norm", "split"]))


@fitting
def identity(u: Operand) -> Node:
    """u itself: the activation of a gate without one."""
    return as_node(u)


@fitting
def split(vector: Operand, *sizes: object) -> tuple[Node, ...]:
    """A vector cut into pieces of these sizes, from the start: `a, b = split(v, k, n)`."""
    pieces, start = [], Size.of(0)
    for size in sizes:
        stop = start + dimension(size, "split")
        pieces.append(Node("slice", (as_node(vector),), (0, start, stop)))
        start = stop
    return tuple(pieces)


@fitting
def layer_norm(u: Operand, gain: Operand = 1.0, bias: Operand = 0.0, *, eps: float = 1e-5) -> Node:
    """gain * (u - mean u) / sqrt(var u + eps) + bias over the features, with the variance Σ(u - mean)²/size.

    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450 (2016), equation 4; eps as in PyTorch.
    """
    centred = as_node(u) - _function("mean")(u)
    scaled = centred / _function("sqrt")(_function("mean")(centred * centred) + eps)
    scaled = scaled if gain == 1.0 else as_node(gain) * scaled
    return scaled if bias == 0.0 else scaled + as_node(bias)


@fitting
def elementwise(function: Callable[..., Any]) -> Callable[..., Node]:
    """Any scalar function as an operation: `swish = elementwise(lambda u: u * sigmoid(u))`, then `swish(affine(x, h))`.

    The function gets a real SymPy symbol for each parameter and returns a SymPy expression; its derivative comes from
    SymPy. SymPy functions that have no row among the operations are refused here, when it is declared.

    Raises:
        SpecError: LS208 when the function does not return a scalar expression of known operations.

    """
    arity = len(inspect.signature(function).parameters)
    symbols = tuple(argument(index) for index in range(arity))
    try:
        expression = sympy.sympify(function(*symbols))
        derivatives = [sympy.diff(expression, symbol) for symbol in symbols]
        for part in (expression, *derivatives):
            node_from_scalar(part, {symbol: Node("ref", (), ("u",)) for symbol in symbols})
    except (NotImplementedError, TypeError, sympy.SympifyError) as error:
        message = f"elementwise() needs a function of scalars that returns a SymPy expression: {error}"
        raise refused(Code.LS208, message) from error

    def apply(*args: Operand) -> Node:
        if len(args) != arity:
            message = f"this elementwise function takes {arity} operands, got {len(args)}"
            raise refused(Code.LS208, message)
        return Node("elementwise", tuple(as_node(arg) for arg in args), (sympy.Lambda(symbols, expression),))

    return apply
