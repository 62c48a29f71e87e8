"""Why an edit of a cell computes the same: proved where that is possible, and said where it is not.

Nothing here excuses an edit that the comparison sees; a reason is asked for only of what survives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lstmspec.auditor import Edit
from lstmspec.language import Role, System
from lstmspec.linter._facts import Facts, bounds_within
from lstmspec.nodes import Node
from lstmspec.nodes import replace as replaced
from lstmspec.ops import ANY, Interval, build, point

from .cases import Ranges

POSITIVE = "relu of what is never negative"
SPELLING = "another spelling: a factor is 1, relu is taken twice, or an equation only gives a name to another value"
GUARD = "a guard for 0 / 0, which needs a sum of positive terms to be 0"
GATE = "a time gate lies between 0 and 1: it rises while phi < r_on / 2, and falls until phi = r_on"
KT = "where(phi < r_on / 2, rise, where(phi < r_on, 2 - rise, alpha * phi))"
SHARED = "w = keep * write is not larger than keep or write"

# cell, equation, what stood there, what took its place: where no proof is at hand
SAID: Mapping[tuple[str, str, str, str], str] = {
    ("SLSTM", "h.next", "by", "total.next"): GUARD,
    **{
        ("PhasedLSTM", equation, was, f"relu({was})"): GATE
        for equation in ("c.next", "h.next")
        for was in ("kt", "1 - kt")
    },
    ("PhasedLSTM", "kt", KT, f"relu({KT})"): GATE,
    **{
        ("ONLSTM", "c.next", was, f"relu({was})"): SHARED
        for was in ("f * w + (keep - w)", "i * w + (write - w)")
    },
}  # fmt: skip
# cell, equation: whatever survives in it
SAID_OF: Mapping[tuple[str, str], str] = {("SLSTM", "by"): GUARD}


@dataclass(frozen=True)
class Reason:
    """Why an edit computes the same."""

    text: str
    proved: bool = True


def why_equivalent(cell: str, original: System, edit: Edit, ranges: Ranges) -> Reason | None:
    """A reason, or None."""
    if edit.after.op == "relu" and edit.after.args[0] == edit.before and _bounds(original, edit, ranges).low >= 0:
        return Reason(POSITIVE)
    if _spelled_out(original) == _spelled_out(edit.system):
        return Reason(SPELLING)
    said = SAID.get((cell, edit.equation, edit.was, edit.now), SAID_OF.get((cell, edit.equation)))
    return Reason(said, proved=False) if said else None


def _bounds(system: System, edit: Edit, ranges: Ranges) -> Interval:
    """What values the edited place can have, for data in the ranges from which they are drawn."""
    names = dict.fromkeys(system.symbols, ANY)
    names |= {name: point(system.symbols[name].value or 0.0) for name in system.having(Role.CONSTANT)}
    names |= {name: Interval(*ends) for name, ends in ranges.items()}
    for equation in Facts(system).ordered:
        within = bounds_within(equation.expr, names)
        if equation.name == edit.equation:
            return within[edit.before]
        names[equation.name] = within[equation.expr]
    return ANY


def _spelled_out(system: System) -> dict[str, Node]:
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
