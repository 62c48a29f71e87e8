"""Scalars that a derivative spreads over features, spread as late as they can be.

The cotangent of a sum is one number for every feature. Where it meets a vector of that size, scalars broadcast by
themselves; where it meets other scalars, they are put together first, so that one number is computed, not a vector.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import cast

from ..nodes import Node, subnodes
from ..ops import ShapeOf, is_elementwise
from ..ops import build as b
from ..sizes import Shape, Size


def tidied(root: Node, shape_of: ShapeOf) -> Node:
    """An equal expression without needless spreading, and without products with ones."""
    known: dict[Node, Node] = {}
    for node in subnodes(root):
        args = tuple(known[arg] for arg in node.args)
        same = all(old is new for old, new in zip(node.args, args, strict=True))
        known[node] = _tidy(node if same else Node(node.op, args, node.attrs, node.site), shape_of)
    return known[root]


def _tidy(node: Node, shape_of: ShapeOf) -> Node:
    if node.op == "sum" and node.args[0].op == "spread":
        (spread,) = node.args
        return b.mul(spread.args[0], Node("size", (), (_count(cast(Shape, spread.attrs)),)))
    if node.op == "dot" and any(arg.op == "spread" for arg in node.args):
        left, right = node.args if node.args[0].op == "spread" else node.args[::-1]
        return b.mul(left.args[0], _tidy(b.total(right), shape_of))
    return _broadcast(node, shape_of) if is_elementwise(node) and shape_of(node) else node


def _broadcast(node: Node, shape_of: ShapeOf) -> Node:
    """An elementwise operation of a vector or matrix, whose scalars broadcast by themselves."""
    inner = tuple(_before_spreading(arg) for arg in node.args)
    if inner == node.args:
        return node
    made = _SHORTER[node.op](*inner) if node.op in _SHORTER else Node(node.op, inner, node.attrs, node.site)
    return made if shape_of(made) else b.spread(made, shape_of(node))


_SHORTER: Mapping[str, Callable[[Node, Node], Node]] = {"add": b.add, "sub": b.sub, "mul": b.mul, "div": b.div}


def _before_spreading(node: Node) -> Node:
    """The scalar that is spread, 1 for ones; what is no such thing is itself."""
    if node.op == "ones":
        return b.ONE
    return node.args[0] if node.op == "spread" else node


def _count(shape: Shape) -> Size:
    return functools.reduce(Size.__mul__, shape, Size.of(1))
