"""Equations' right sides as expressions of a procedure.

Whoever asks says where a name's value is to be had: in the loop an entry of a buffer, outside it the whole buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..checker import shapes_within
from ..nodes import Name, Node, subnodes
from ..ops import is_elementwise
from ..sizes import Shape
from ._expr import Apply, Contraction, Expand, Expr, Extent, Fill, Lead, Number, Product, Spread, Total

CONTRACTIONS = {"matmul": Contraction.MATMUL, "outer": Contraction.OUTER, "dot": Contraction.DOT}

Values = Callable[[Name], Expr]


class CannotLower(Exception):
    """A program that has no procedure."""


def expression(root: Node, shapes: Mapping[Name, Shape], value: Values) -> Expr:
    """A right side.

    Args:
        root: The right side.
        shapes: Of the names.
        value: A name's value.

    """
    within = shapes_within(root, shapes)
    known: dict[Node, Expr] = {}
    for node in subnodes(root):
        known[node] = _node(node, [known[arg] for arg in node.args], within[node], value)
    return known[root]


def _node(node: Node, args: list[Expr], shape: Shape, value: Values) -> Expr:
    lead = max((arg.lead for arg in args), default=Lead.NONE)
    if node.op == "ref":
        return value(node.name)
    if node.op == "number":
        return Number(shape, Lead.NONE, node.value)
    if node.op == "size":
        return Extent(shape, Lead.NONE, node.attrs[0])  # type: ignore[arg-type]  # its attribute is a size
    if node.op in ("ones", "zeros"):
        return Fill(shape, Lead.NONE, 1.0 if node.op == "ones" else 0.0)
    if node.op in CONTRACTIONS:
        return _product(CONTRACTIONS[node.op], args, shape, lead)
    if node.op == "concat":
        parts = tuple(arg if arg.lead is lead else Expand(arg.shape, lead, arg) for arg in args)
        return Apply(shape, lead, node.op, parts)
    if is_elementwise(node):
        return Apply(shape, lead, node.op, tuple(_ranked(arg, shape) for arg in args), node.attrs)
    return Apply(shape, lead, node.op, tuple(args), node.attrs)


def total(node: Node, shapes: Mapping[Name, Shape], value: Values) -> Expr:
    """The sum of an expression over time and batch; a sum of outer products becomes one product."""
    shape = shapes_within(node, shapes)[node]
    if node.op in ("add", "sub", "neg"):
        return Apply(shape, Lead.NONE, node.op, tuple(total(arg, shapes, value) for arg in node.args))
    summand = expression(node, shapes, value)
    if summand.lead is not Lead.STEPS:
        if node.op in ("zeros", "number"):
            return Fill(shape, Lead.NONE, 0.0)
        raise CannotLower(f"the sum over time and batch of {node}, which has neither")
    if isinstance(summand, Product) and summand.kind is Contraction.OUTER:
        if summand.left.lead is summand.right.lead is Lead.STEPS:
            return Product(shape, Lead.NONE, summand.kind, summand.left, summand.right, summed=True)
    return Total(shape, Lead.NONE, summand)


def _ranked(arg: Expr, shape: Shape) -> Expr:
    """A scalar of each sample stands for every feature of it; numbers broadcast by themselves."""
    if arg.shape or not shape or arg.lead is Lead.NONE:
        return arg
    return Spread(shape, arg.lead, arg)


def _product(kind: Contraction, args: list[Expr], shape: Shape, lead: Lead) -> Product:
    bare, turned = zip(*(_unturned(arg) for arg in args), strict=True)
    if kind is not Contraction.MATMUL:
        return Product(shape, lead, kind, args[0], args[1])
    return Product(shape, lead, kind, bare[0], bare[1], (turned[0], turned[1]))


def _unturned(arg: Expr) -> tuple[Expr, bool]:
    """A matrix without its transposition, and whether it had one."""
    is_turned = isinstance(arg, Apply) and arg.op == "transpose"
    return (arg.args[0], True) if is_turned and isinstance(arg, Apply) else (arg, False)
