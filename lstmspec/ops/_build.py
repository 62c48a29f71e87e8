"""Constructors that simplify, for derived expressions. What users write is never simplified; what we derive always is.

Each returns the shortest of the forms that are equal for every value: no `x * 1`, `x + 0`, double negation or double
transpose, numbers folded. None of them looks at shapes, so none may turn a vector into a scalar: `x * 0` is left to the
callers, who know where a cotangent is dead.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from ..nodes import Node, number
from ..sizes import Shape, Size

ONE = number(1.0)
ZERO = number(0.0)


def is_number(node: Node, value: float | None = None) -> bool:
    """Whether a node is a constant (of that value)."""
    return node.op == "number" and (value is None or node.value == value)


def _folded(operation: Callable[[float, float], float], left: Node, right: Node) -> Node | None:
    if not (is_number(left) and is_number(right)):
        return None
    value = operation(left.value, right.value)
    return number(value) if math.isfinite(value) else None  # what is too large together may have no such value


def add(left: Node, right: Node) -> Node:
    """left + right"""
    if (folded := _folded(operator.add, left, right)) is not None:
        return folded
    if is_number(left, 0.0) or left.op == "zeros":
        return right
    if is_number(right, 0.0) or right.op == "zeros":
        return left
    if right.op == "neg":
        return sub(left, right.args[0])
    if left.op == "neg":
        return sub(right, left.args[0])
    if left == right:
        return mul(number(2.0), left)
    return Node("add", (left, right))


def sub(left: Node, right: Node) -> Node:
    """left - right"""
    if (folded := _folded(operator.sub, left, right)) is not None:
        return folded
    if is_number(right, 0.0):
        return left
    if is_number(left, 0.0):
        return neg(right)
    if right.op == "neg":
        return add(left, right.args[0])
    return Node("sub", (left, right))


def neg(arg: Node) -> Node:
    """-arg"""
    if is_number(arg):
        return number(-arg.value)
    if arg.op == "neg":
        return arg.args[0]
    if arg.op == "sub":
        return sub(arg.args[1], arg.args[0])
    return Node("neg", (arg,))


def mul(left: Node, right: Node) -> Node:
    """left * right, with signs and numbers moved to the front"""
    if (folded := _folded(operator.mul, left, right)) is not None:
        return folded
    if is_number(left, 1.0):
        return right
    if is_number(right, 1.0):
        return left
    if is_number(left, -1.0):
        return neg(right)
    if is_number(right, -1.0):
        return neg(left)
    if left.op == "neg":
        return neg(mul(left.args[0], right))
    if right.op == "neg":
        return neg(mul(left, right.args[0]))
    if is_number(right):
        return Node("mul", (right, left))
    return Node("mul", (left, right))


def div(left: Node, right: Node) -> Node:
    """left / right"""
    if is_number(right, 1.0):
        return left
    if left.op == "neg":
        return neg(div(left.args[0], right))
    return Node("div", (left, right))


def power(base: Node, exponent: Node) -> Node:
    """base ** exponent"""
    if is_number(exponent, 1.0):
        return base
    if is_number(exponent, -1.0):
        return div(ONE, base)
    if is_number(exponent, 0.5):
        return Node("sqrt", (base,))
    return Node("pow", (base, exponent))


def transpose(arg: Node) -> Node:
    """arg.T"""
    if arg.op == "transpose":
        return arg.args[0]
    if arg.op == "outer":
        return Node("outer", (arg.args[1], arg.args[0]))
    return Node("transpose", (arg,))


def matmul(left: Node, right: Node) -> Node:
    """left @ right"""
    return Node("matmul", (left, right))


def outer(left: Node, right: Node) -> Node:
    """The matrix left rightᵀ, with a sign in front"""
    if left.op == "neg":
        return neg(outer(left.args[0], right))
    return Node("outer", (left, right))


def total(arg: Node) -> Node:
    """The sum of all elements, a scalar"""
    return Node("sum", (arg,))


def spread(arg: Node, shape: Shape) -> Node:
    """A scalar for every element of a shape"""
    return Node("spread", (arg,), shape) if shape else arg


def ones(*shape: Size) -> Node:
    """A vector or matrix of ones"""
    return Node("ones", (), shape)


def zeros(*shape: Size) -> Node:
    """A vector or matrix of zeros"""
    return Node("zeros", (), shape)


def concat(parts: tuple[Node, ...]) -> Node:
    """The parts below one another; neighbouring slices of one vector become one slice"""
    merged: list[Node] = []
    for part in parts:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.op == part.op == "slice"
            and last.args == part.args
            and (last.attrs[0], last.attrs[2]) == (part.attrs[0], part.attrs[1])
        ):
            merged[-1] = Node("slice", last.args, (last.attrs[0], last.attrs[1], part.attrs[2]))
        else:
            merged.append(part)
    return merged[0] if len(merged) == 1 else Node("concat", tuple(merged))


def cut(arg: Node, axis: int, start: Size, stop: Size) -> Node:
    """arg[start:stop] along an axis"""
    return Node("slice", (arg,), (axis, start, stop))


def pad(arg: Node, axis: int, start: Size, stop: Size, whole: Size) -> Node:
    """Zeros of size `whole` along an axis, with `arg` from `start` to `stop`"""
    return Node("pad", (arg,), (axis, start, stop, whole))
