"""Shapes of expressions whose names have shapes already: nothing is left to solve."""

from __future__ import annotations

from collections.abc import Mapping

from ..nodes import Name, Node, subnodes
from ..ops import AnyShape
from ..sizes import Shape
from ._infer import apply_rule
from ._solver import Unifier


def shapes_within(root: Node, names: Mapping[Name, Shape]) -> dict[Node, Shape]:
    """The shape of an expression and of all in it, from the shapes of names. Raises Mismatch when it has none."""
    solver = Unifier()
    known: dict[Node, AnyShape] = {}
    for node in subnodes(root):
        known[node] = apply_rule(solver, node, known, names)
    return {node: tuple(solver.size(size) for size in solver.ranked(shape)) for node, shape in known.items()}
