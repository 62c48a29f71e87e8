"""The function by which users reach an operation: its name, operands, sizes and words are those of the row."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import cast

from ..diagnostics import Code, refused, unfitting
from ..nodes import Node, Operand, as_node, dimension
from ._op import Op
from ._user_function import is_tracing, scalar_of


def function_of(op: Op) -> Callable[..., Node]:
    """`tanh(u)`, `repeat(u, count)`, `concat(*parts)`: checks what it is given, and makes a node.

    Among SymPy scalars, inside `elementwise`, it is the scalar function: `elementwise(lambda u: u * sigmoid(u))`.
    """
    signature = inspect.Signature([_parameter(name) for name in (*op.operands, *op.sizes)])

    def function(*given: object, **named: object) -> Node:
        try:
            bound = signature.bind(*given, **named)
        except TypeError:
            raise refused(Code.LS214, *unfitting(op.name, function, given, named)) from None
        operands, sizes = bound.args[: len(op.operands)], bound.args[len(op.operands) :]
        if op.arity is None:
            operands, sizes = bound.args, ()
        if op.sizes and op.sizes[0].startswith("*"):
            operands, sizes = (), bound.args
        if op.scalar is not None and is_tracing():
            return cast(Node, op.scalar(*(scalar_of(operand) for operand in operands)))  # inside elementwise()
        if op.arity is None and len(operands) < 2:
            if not operands:
                raise refused(Code.LS208, f"{op.name} needs at least one vector")
            return as_node(operands[0])
        if op.sizes and op.sizes[0].startswith("*") and not 1 <= len(sizes) <= 2:
            message = (
                f"{op.name} with {len(sizes)} dimensions; expected a vector, {op.name}(k), or a matrix, {op.name}(k, n)"
            )
            raise refused(Code.LS205, message, help="a scalar is written as a number")
        nodes = tuple(as_node(operand) for operand in operands)
        return Node(op.name, nodes, tuple(dimension(size, op.name) for size in sizes))

    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc
    function.__module__ = __name__.rpartition(".")[0]
    function.__signature__ = signature  # type: ignore[attr-defined]  # what help() and LS214 read
    return function


def _parameter(name: str) -> inspect.Parameter:
    kind = inspect.Parameter.VAR_POSITIONAL if name.startswith("*") else inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name.lstrip("*"), kind, annotation=Operand)
