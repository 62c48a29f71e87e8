"""The functions that users call in equations: one for each row that has words for users, and those made of several.

Each accepts expressions of the language, or SymPy scalars inside `elementwise`, so that
`elementwise(lambda u: u * sigmoid(u))` reads as it should.
"""

from __future__ import annotations

import functools
from typing import Any, Protocol

from ..diagnostics import Code, fitting, refused
from ..nodes import Node, Operand, as_node, dimension
from ..sizes import Size
from . import _build as b
from ._function import function_of
from ._op import TABLE
from ._user_function import elementwise as elementwise


class UserFunction(Protocol):
    """A function that users call in equations: `tanh(u)`."""

    def __call__(self, *given: Any, **named: Any) -> Node:
        """The expression of these operands."""


_of_row = functools.cache(function_of)  # one function a row, so that users can compare them


def _function(name: str) -> UserFunction:
    return _of_row(TABLE[name])


def __getattr__(name: str) -> UserFunction:
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
    """A vector cut into parts of these sizes, from the start: `a, b = split(v, k, n)`."""
    if not sizes:
        raise refused(Code.LS208, "split needs the sizes of the parts", help="a, b = split(v, k, n)")
    parts, start = [], Size.of(0)
    for size in sizes:
        stop = start + dimension(size, "split")
        parts.append(Node("slice", (as_node(vector),), (0, start, stop)))
        start = stop
    return tuple(parts)


@fitting
def layer_norm(u: Operand, gain: Operand = 1.0, bias: Operand = 0.0, *, eps: float = 1e-5) -> Node:
    """gain * (u - mean u) / sqrt(var u + eps) + bias over the features, with the variance Σ(u - mean)²/size.

    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450 (2016), equation 4; eps as in PyTorch.
    """
    mean, sqrt = _function("mean"), _function("sqrt")
    centred = as_node(u) - mean(u)
    scaled = centred / sqrt(mean(centred * centred) + eps)
    scale, shift = as_node(gain), as_node(bias)
    scaled = scaled if b.is_number(scale, 1.0) else scale * scaled
    return scaled if b.is_number(shift, 0.0) else scaled + shift
