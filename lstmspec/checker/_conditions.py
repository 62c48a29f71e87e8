"""Conditions and numbers: `u < v` is a condition, which only `where` takes; a mask that is an input is a number.

Libraries differ in their treatment of the sum of two conditions, or of a number where a condition should be; so
neither is part of the language.
"""

from __future__ import annotations

import dataclasses

from ..diagnostics import Code, Diagnostic
from ..language import Equation, System, sort
from ..nodes import Name, Node, brief, number, subnodes
from ..ops import TABLE, is_condition
from ._mend import rewritten, with_expression


def kinds(system: System) -> list[Diagnostic]:
    """Each equation's first expression that takes the wrong one of the two."""
    found = _Kinds(system).found
    return [_mended(system, node, new, finding, len(found)) for node, new, finding in found]


class _Kinds:
    """One pass over the equations; `found` has an expression, the one that may be meant instead, and the finding."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.conditions: set[Name] = set()  # names of equations; membership only
        self.found: list[tuple[Node, Node, Diagnostic]] = []
        for equation in sort(system.equations)[0]:
            self._visit(equation)

    def _visit(self, equation: Equation) -> None:
        values: dict[Node, bool] = {}
        for node in subnodes(equation.expr):
            row = TABLE.get(node.op)
            known = node.op == "ref" and node.name in self.conditions
            values[node] = known or is_condition(node)
            for place, arg in enumerate(node.args):
                if values[arg] != (row is not None and place in row.conditions):
                    kind = "condition" if values[arg] else "number"
                    args = (*node.args[:place], _other_kind(arg, values[arg]), *node.args[place + 1 :])
                    new = Node(node.op, args, node.attrs, node.site)
                    self._find(equation, node, new, f"`{brief(node)}` takes the {kind} `{brief(arg)}`")
                    return
        if values[equation.expr]:
            self.conditions.add(equation.name)
            if equation.name.is_next or equation.name == self.system.output:
                new = _other_kind(equation.expr, True)
                self._find(equation, equation.expr, new, f"`{equation.name}` is a condition")

    def _find(self, equation: Equation, node: Node, new: Node, what: str) -> None:
        note = "a comparison such as u < v is a condition; all else is a number, masks and times too"
        site = node.site or equation.site
        message = f"{what} in equation `{equation.name}`"
        finding = Diagnostic(Code.LS112, message, site, self.system.name, equation.name, notes=(note,))
        self.found.append((node, new, finding))


def _other_kind(node: Node, is_condition: bool) -> Node:
    if is_condition:
        return Node("where", (node, number(1.0), number(0.0)), site=node.site)
    return Node("less", (number(0.5), node), site=node.site)


def _mended(system: System, node: Node, new: Node, finding: Diagnostic, count: int) -> Diagnostic:
    """The finding with its help, if that mends it."""
    edited = with_expression(system, Name(finding.equation), node, new)
    if len(_Kinds(edited).found) >= count:
        return finding
    return dataclasses.replace(
        finding, help=f"turn it into the other: {brief(new)}", mend=rewritten(system, Name(finding.equation), node, new)
    )
