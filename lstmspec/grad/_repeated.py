"""Equations whose text would be far longer than their graph: what they read several times gets a name.

A value that a helper in Python reads twice is one node with two readers, and stands in the text twice, each time with
all that it is made of: twenty such helpers make a million copies. Equations that read well stay as they were written.
"""

from __future__ import annotations

from dataclasses import replace as replaced

from ..language import Equation, System, order
from ..nodes import Node, subnodes
from ._name import Lifter

LONG = 2000  # operations written out, beyond which an equation is taken apart
SHORT = 4  # operations that are no longer than a name


def name_repeated(system: System) -> System:
    """An equal system, in which no equation is much longer than its graph is large; the same one where none is."""
    written: dict[Node, int] = {}  # how many operations a node is, written out
    for equation in system.equations.values():
        for node in subnodes(equation.expr):
            written[node] = 1 + sum(written[arg] for arg in node.args)
    if not any(written[equation.expr] > LONG for equation in system.equations.values()):
        return system
    lifter = Lifter(system)
    for equation in order(system):
        expr = equation.expr if written[equation.expr] <= LONG else _apart(equation, written, lifter)
        lifter.equations[equation.name] = Equation(equation.name, expr, equation.site)
    return replaced(system, equations=lifter.equations)


def _apart(equation: Equation, written: dict[Node, int], lifter: Lifter) -> Node:
    """An equation's expression over names for what it reads several times."""
    readers: dict[Node, int] = {}
    for node in subnodes(equation.expr):
        for arg in node.args:
            readers[arg] = readers.get(arg, 0) + 1
    known: dict[Node, Node] = {}
    for node in subnodes(equation.expr):
        args = tuple(known[arg] for arg in node.args)
        made = node if args == node.args else Node(node.op, args, node.attrs, node.site)
        is_shared = readers.get(node, 0) > 1 and written[node] > SHORT
        known[node] = lifter.lift_term(made, equation.name, "part") if is_shared else made
    return known[equation.expr]
