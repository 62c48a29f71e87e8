"""How an elementwise row is made: shape, derivative and SymPy form all follow from its scalar definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy

from ..nodes import Node
from . import _build as b
from ._interval import Interval
from ._matrix import pointwise
from ._op import AnyShape, Array, Op, ShapeOf, Solver, register
from ._scalar import RESULT, argument, node_from_scalar, partials, scalar_function

Scalar = Callable[..., sympy.Expr]


def common_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> AnyShape:
    return solver.elementwise(shapes)


def unbroadcast(cotangent: Node, arg: Node, ans: Node, shape_of: ShapeOf) -> Node:
    """The cotangent of an operand that was broadcast: a scalar collects the sum over what it was spread over."""
    spread = shape_of(ans) != () and shape_of(arg) == ()
    if spread and cotangent.op == "mul":
        # Σ(s u) = s Σu for a scalar s would need shapes here; Σ(u v) is a dot product, which needs none of them.
        left, right = cotangent.args
        if shape_of(left) == shape_of(right) != () and len(shape_of(left)) == 1:
            return Node("dot", (left, right))
    return b.total(cotangent) if spread else cotangent


def _vjp(
    scalar: Scalar, inverse: Scalar | None, arity: int
) -> Callable[[Node, Node, Node, ShapeOf], list[Node | None]]:
    def vjp(node: Node, ans: Node, ct: Node, shape_of: ShapeOf) -> list[Node | None]:
        return from_partials(partials(scalar, inverse, arity), node, ans, ct, shape_of)

    return vjp


def from_partials(
    derivatives: Sequence[sympy.Expr], node: Node, ans: Node, ct: Node, shape_of: ShapeOf
) -> list[Node | None]:
    """ct times each partial derivative, the chain rule of one elementwise operation."""
    values = {argument(index): arg for index, arg in enumerate(node.args)} | {RESULT: ans}
    cotangents: list[Node | None] = []
    for derivative, arg in zip(derivatives, node.args, strict=True):
        if derivative == 0:
            cotangents.append(None)
            continue
        factor = node_from_scalar(derivative, values)
        quotient = factor.op == "div" and b.is_number(factor.args[0], 1.0)
        term = b.div(ct, factor.args[1]) if quotient else b.mul(ct, factor)
        cotangents.append(unbroadcast(term, arg, node, shape_of))
    return cotangents


def _vjp_of(
    partial: Callable[[Node, int], Node | None],
) -> Callable[[Node, Node, Node, ShapeOf], list[Node | None]]:
    def vjp(node: Node, ans: Node, ct: Node, shape_of: ShapeOf) -> list[Node | None]:
        factors = [partial(node, index) for index in range(len(node.args))]
        return [
            None if factor is None else unbroadcast(b.mul(ct, factor), arg, node, shape_of)
            for factor, arg in zip(factors, node.args, strict=True)
        ]

    return vjp


def _symbolic(scalar: Scalar) -> Callable[..., sympy.Expr]:
    def symbolic(node: Node, *args: sympy.Expr) -> sympy.Expr:
        return pointwise(scalar, args)

    return symbolic


def elementwise_row(
    name: str,
    operands: str,
    scalar: Scalar | None,
    evaluate: Callable[..., Any],
    inverse: Scalar | None = None,
    *,
    definition: Scalar | None = None,
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]] | None = None,
    symbolic: Callable[..., sympy.Expr] | None = None,
    condition: bool = False,
    conditions: tuple[int, ...] = (),
    bounds: Callable[..., Interval] | None = None,
    partial: Callable[[Node, int], Node | None] | None = None,
    doc: str = "",
) -> None:
    """Register a row: its scalar function, its evaluation, and what SymPy cannot know, where there is something.

    A function that SymPy does not have is given by its `definition` in elementary functions, with None for `scalar`.
    """
    names = tuple(operands.split())
    if definition is not None:
        scalar = scalar_function(name, definition, inverse)
    if scalar is None:
        raise TypeError(f"operation {name!r} has neither a scalar function nor a definition")

    def evaluate_node(node: Node, *values: Array) -> Array:
        return np.asarray(evaluate(*values))

    register(
        Op(
            name=name,
            operands=names,
            shape=common_shape,
            vjp=vjp or (_vjp_of(partial) if partial is not None else _vjp(definition or scalar, inverse, len(names))),
            evaluate=evaluate_node,
            symbolic=symbolic or _symbolic(scalar),
            scalar=scalar,
            definition=definition,
            condition=condition,
            conditions=conditions,
            bounds=bounds,
            partial=partial,
            inverse=inverse,
            doc=doc,
        )
    )
