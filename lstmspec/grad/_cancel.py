"""Terms of a derivative that cancel: what an operation gives back to its argument and takes again is never computed."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterable

from ..nodes import Node, number, subnodes
from ..ops import ShapeOf
from ..ops import build as b


def cancelled(root: Node, shape_of: ShapeOf) -> Node:
    """An equal expression in which no sum has both a term and its negative."""
    nodes = list(subnodes(root))
    inner = {arg for node in nodes if node.op in b.SUMS for arg in node.args if arg.op in b.SUMS}  # membership only
    known: dict[Node, Node] = {}
    for node in nodes:
        args = tuple(known[arg] for arg in node.args)
        same = all(old is new for old, new in zip(node.args, args, strict=True))
        made = node if same else Node(node.op, args, node.attrs, node.site)
        is_sum = node.op in b.SUMS and node not in inner
        known[node] = _shortened(made, len(nodes), shape_of) if is_sum else made
    return known[root]


def _shortened(node: Node, most: int, shape_of: ShapeOf) -> Node:
    """A sum without opposites; one whose terms, sums read several times among them, are too many stays as it is."""
    terms = list(itertools.islice(b.terms(node), 2 * most))
    rest = _without_opposites(terms)
    if len(rest) == len(terms) or len(terms) == 2 * most:
        return node
    shape = shape_of(node)
    if not rest:
        return b.zeros(*shape) if shape else number(0.0)
    made = functools.reduce(b.add, rest)
    return made if shape_of(made) == shape else b.spread(made, shape)  # a scalar alone spreads no more by itself


def _without_opposites(terms: Iterable[Node]) -> list[Node]:
    rest: Counter[Node] = Counter()
    for term in map(_signed_within, terms):
        opposite = _signed_within(b.neg(term))
        if rest[opposite] > 0:
            rest[opposite] -= 1
        else:
            rest[term] += 1
    return list(rest.elements())


def _signed_within(term: Node) -> Node:
    """A term whose sign is inside a sum over features, where a difference has it: sum(v - u) for -sum(u - v)."""
    if term.op == "neg" and term.args[0].op == "sum" and term.args[0].args[0].op in ("sub", "neg"):
        return b.total(b.neg(term.args[0].args[0]))
    return term
