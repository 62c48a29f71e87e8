"""The cost of one step of a cell, as polynomials in its dimension symbols."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from ..language import HasSystem, System, system_of
from ..nodes import Name, Node, subnodes
from ..ops import is_elementwise
from ..sizes import Shape, Size, sympy_from
from ._check import check
from ._expression_shapes import shapes_within


@dataclass(frozen=True)
class Cost:
    """Counts for one step of one sample; print them with `formula`.

    Attributes:
        parameters: Learned numbers.
        multiply_adds: Multiply-adds in matrix, dot and outer products; distinct products are counted once.
        elementwise: Elementwise operations on single numbers.
        state: Numbers that are carried from step to step.

    """

    parameters: Size
    multiply_adds: Size
    elementwise: Size
    state: Size


def cost(cell: System | HasSystem) -> Cost:
    """The cost of a step. Raises SpecError when the cell is ill-shaped."""
    system = system_of(cell)
    shapes = check(system).require().of
    products, elementwise = Size({}), Size({})
    seen: set[Node] = set()  # membership only
    for equation in system.equations.values():
        known = shapes_within(equation.expr, shapes)
        for node in subnodes(equation.expr):
            if node in seen or not node.args:
                continue
            seen.add(node)
            sizes = [known[arg] for arg in node.args]
            if node.op in ("matmul", "outer"):
                products = products + _volume(sizes[0]) * _volume(sizes[1][node.op == "matmul" :])
            elif node.op == "dot":
                products = products + _volume(sizes[0])
            elif is_elementwise(node):
                elementwise = elementwise + _volume(known[node])
    return Cost(_total(system.parameters, shapes), products, elementwise, _total(system.states, shapes))


def formula(size: Size) -> str:
    """A count as a reader wants it: factored, `4*k*(k + n + 1)`."""
    return str(sympy.factor(sympy_from(size)))


def _volume(shape: Shape) -> Size:
    return functools.reduce(Size.__mul__, shape, Size.of(1))


def _total(names: tuple[Name, ...], shapes: Mapping[Name, Shape]) -> Size:
    return functools.reduce(Size.__add__, [_volume(shapes[name]) for name in names], Size({}))
