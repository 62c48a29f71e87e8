"""Conditions that have names: put where they are read.

An array holds numbers: no tape, and no buffer of a loop, has conditions, and to an adjoint what it reads of the primal
is a number. So a name of a condition is short for it, wherever equations are rewritten.
"""

from __future__ import annotations

from dataclasses import replace as replaced

from ..language import Equation, System, order
from ..nodes import Name, Node, replace
from ..ops import is_condition


def conditions_in_place(system: System) -> System:
    """An equal system in which no equation is a condition; the same one where none is."""
    conditions: dict[Name, Node] = {}
    equations: dict[Name, Equation] = {}
    for equation in order(system):
        expr = replace(equation.expr, lambda node: conditions.get(node.name, node) if node.op == "ref" else node)
        if is_condition(expr):
            conditions[equation.name] = expr
        else:
            equations[equation.name] = replaced(equation, expr=expr)
    return replaced(system, equations=equations) if conditions else system
