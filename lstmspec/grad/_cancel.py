"""Terms of a derivative that cancel: what an operation gives back to its argument and takes again is never computed."""

from __future__ import annotations

import functools

from ..nodes import SUMS, Node, number, replace, terms_of, terms_read
from ..ops import ShapeOf
from ..ops import build as b


def cancelled(root: Node, shape_of: ShapeOf) -> Node:
    """An equal expression in which no sum has both a term and its negative."""

    def short(node: Node) -> Node:
        return _shortened(node, shape_of) if node.op in SUMS else node

    def rule(node: Node) -> Node:
        if node.op in SUMS:
            return node  # part of a longer sum, which is shortened where it is read
        args = tuple(short(arg) for arg in node.args)
        same = all(old is new for old, new in zip(node.args, args, strict=True))
        return node if same else Node(node.op, args, node.attrs, node.site)

    return short(replace(root, rule))


def _shortened(node: Node, shape_of: ShapeOf) -> Node:
    counts = dict(reversed(terms_of(node)))  # from left to right
    signed = _signed_alike(counts)
    if signed == counts and all(abs(counts[term]) == read for term, read in terms_read(node)):
        return node
    rest = [b.mul(number(count), term) for term, count in signed.items() if count]
    shape = shape_of(node)
    if not rest:
        return b.zeros(*shape) if shape else number(0.0)
    made = functools.reduce(b.add, rest)
    return made if shape_of(made) == shape else b.spread(made, shape)  # a scalar alone spreads no more by itself


def _signed_alike(counts: dict[Node, float]) -> dict[Node, float]:
    """Counts of terms of which a sum over u - v and one over v - u are one."""
    found: dict[Node, float] = {}
    for term, count in counts.items():
        opposite = b.total(b.neg(term.args[0])) if term.op == "sum" and term.args[0].op == "sub" else None
        if opposite in found:
            found[opposite] -= count
        else:
            found[term] = count
    return found
