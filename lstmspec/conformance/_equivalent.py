"""Why an edit of a cell computes the same: proved where that is possible, and said where it is not.

Nothing here excuses an edit that the comparison sees; a reason is asked for only of an edit that it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..auditor import Edit
from ..language import System
from ..linter import bounds_of
from ..nodes import Node
from ..nodes import replace as replaced
from ..ops import ANY, Interval, build
from ..zoo.counterparts import EQUIVALENT, EQUIVALENT_IN, Ranges

POSITIVE = "relu of what is never negative"
SPELLING = "another spelling: a factor is 1, relu is taken twice, or an equation only gives a name to another value"


@dataclass(frozen=True)
class Reason:
    """Why an edit computes the same."""

    text: str
    proved: bool = True


def why_equivalent(cell: str, original: System, edit: Edit, ranges: Ranges) -> Reason | None:
    """A reason, or None.

    Args:
        cell: The cell's name.
        original: The cell, with its shapes.
        edit: An edit of it.
        ranges: Where its arguments lie.

    """
    if edit.after.op == "relu" and edit.after.args[0] == edit.before and _bounds(original, edit, ranges).low >= 0:
        return Reason(POSITIVE)
    if _spelled_out(original) == _spelled_out(edit.system):
        return Reason(SPELLING)
    place = (cell, edit.equation)
    said = EQUIVALENT.get((*place, edit.was, edit.now), EQUIVALENT_IN.get(place))
    return Reason(said, proved=False) if said else None


def _bounds(system: System, edit: Edit, ranges: Ranges) -> Interval:
    """The values that the edited place can have, for data in the ranges from which they are drawn."""
    known = bounds_of(system, {name: Interval(*ends) for name, ends in ranges.items()})
    return known[edit.equation][edit.before] if edit.equation in known else ANY


def _spelled_out(system: System) -> Mapping[str, Node]:
    """The equations without names for names and for numbers, factors of 1, and relu of relu."""
    trivial = {name: eq.expr for name, eq in system.equations.items() if eq.expr.op in ("ref", "number")}

    def rule(node: Node) -> Node:
        while node.op == "ref" and node.name in trivial:
            node = trivial[node.name]
        if node.op == "mul" and any(build.is_number(arg, 1.0) for arg in node.args):
            left, right = node.args
            return right if build.is_number(left, 1.0) else left
        if node.op == "relu" and node.args[0].op == "relu":
            return node.args[0]
        return node

    return {name: replaced(equation.expr, rule) for name, equation in system.equations.items()}
