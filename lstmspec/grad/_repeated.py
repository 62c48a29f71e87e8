"""Equations whose text would be far longer than their graph: what they read several times gets a name.

A value that a helper in Python reads twice is one node with two readers, and stands in the text twice, each time with
all that it is made of: twenty such helpers make a million copies. Equations that read well stay as they were written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace as replaced

from ..language import System, order
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
        readers = Counter(arg for node in subnodes(equation.expr) for arg in node.args)
        shared = {node for node, count in readers.items() if count > 1 and written[node] > SHORT}  # membership only
        is_long = written[equation.expr] > LONG
        lifter.taken_apart(equation, "part", shared.__contains__ if is_long else lambda node: False)
    return replaced(system, equations=lifter.equations)
