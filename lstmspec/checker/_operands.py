"""The operands that columns of a matrix act on, where the shapes are known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..language import System
from ..nodes import Name, Node, subnodes, text
from ..sizes import Shape, Size
from ._expression_shapes import shapes_within


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns `start` to `stop` of a parameter, which act on the expression `operand`."""

    operand: str
    start: Size
    stop: Size

    @property
    def size(self) -> Size:
        """How many they are."""
        return self.stop - self.start


def parts(system: System, shapes: Mapping[Name, Shape], parameter: Name) -> tuple[Columns, ...]:
    """The parts of a matrix W that acts on one concatenation only, W @ concat(u, v); none for anything else."""
    nodes = [node for equation in system.equations.values() for node in subnodes(equation.expr)]
    operands = {node.args[1]: None for node in nodes if node.op == "matmul" and _is(node.args[0], parameter)}
    readers = {node for node in nodes if any(_is(arg, parameter) for arg in node.args)}
    if len(operands) != 1 or any(node.op != "matmul" for node in readers):
        return ()
    (operand,) = operands
    found, start = [], Size.of(0)
    for part in operand.args if operand.op == "concat" else (operand,):
        shape = shapes_within(part, shapes)[part]
        if len(shape) != 1:
            return ()
        found.append(Columns(text(part), start, start + shape[0]))
        start = start + shape[0]
    return tuple(found)


def _is(node: Node, name: Name) -> bool:
    return node.op == "ref" and node.name == name
