"""The bounds of a step's speed: the matrix products that depend on the state, and whether the state is needed at all.

A product of the inputs alone can be computed for all steps at once; one that depends on the state waits for the step
before. Several that act on states as they come are one product of a packed matrix; one that acts on what another
recurrent product of the same step went into has to wait for that. Without any, a step is elementwise; and where a new
state is an affine function of the old one, all steps are one parallel scan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..language import HasSystem, System, ancestors, order, system_of
from ..nodes import Name, Node, subnodes
from ..ops import expand
from ._check import check

CONSTANT, AFFINE, OTHER = 0, 1, 2  # degrees in the states; OTHER is anything that is no polynomial of degree 1
CONTRACTIONS = ("matmul", "dot")
LINEAR = ("add", "sub", "neg", "concat", "slice", "pad", "transpose", "sum", "mean", "cumsum", "repeat", "fold", "diag",
          "diagonal")  # fmt: skip
PRODUCTS = ("mul", "matmul", "dot", "outer")


@dataclass(frozen=True)
class Kernel:
    """The work of a loop over time in each step.

    A state that only hands on what is known before the loop (the last input) is not recurrent, and what no new state
    is computed from (a readout) can wait until after the loop: neither counts.

    Attributes:
        products: How many matrix products that depend on the state follow one another in a step. Products that need
            not wait for one another count as one.
        matrix: Whether a state is a matrix.
        linear: Whether the new states are affine functions of the previous ones, so that a parallel scan gives all of
            them. Proved from the equations as they stand: False where it takes algebra to see.

    """

    products: int
    matrix: bool
    linear: bool

    @property
    def name(self) -> str:
        """The class: `one fused product`, `2 dependent products`, `no recurrent product` or `matrix state`."""
        if self.matrix:
            return "matrix state"
        fused = {0: "no recurrent product", 1: "one fused product"}
        return fused.get(self.products, f"{self.products} dependent products")

    def __str__(self) -> str:
        return f"{self.name}, linear in the state" if self.linear else self.name


def kernel(cell: System | HasSystem) -> Kernel:
    """The kernel class of a cell, found by analysis of its equations. Raises SpecError when the cell is ill-shaped."""
    system = system_of(cell)
    shapes = check(system).require().of
    recurrent = _recurrent(system)
    needed = ancestors(system, [state.next for state in recurrent])
    levels = dict.fromkeys(recurrent, 0)
    degrees = dict.fromkeys(recurrent, AFFINE)
    for equation in order(system):
        if equation.name not in needed:
            continue
        if (level := _level_of(equation.expr, levels)) is not None:
            levels[equation.name] = level
        degrees[equation.name] = _degree_of(equation.expr, degrees)
    products = max((levels[name] for name in needed if name in levels), default=0)
    matrix = any(len(shapes[state]) == 2 for state in recurrent)
    return Kernel(products, matrix, all(degrees[state.next] <= AFFINE for state in recurrent))


def _recurrent(system: System) -> tuple[Name, ...]:
    """The states whose values are not known before the loop, in declared order."""
    found = system.states
    while True:
        left = tuple(state for state in found if any(name in found for name in ancestors(system, [state.next])))
        if left == found:
            return found
        found = left


def _level_of(root: Node, names: Mapping[Name, int]) -> int | None:
    """How many recurrent products are on the longest way to an expression; None if it does not depend on the state."""
    found: dict[Node, int | None] = {}
    for node in subnodes(root):
        if node.op == "ref":
            found[node] = names.get(node.name)
            continue
        below = [level for arg in node.args if (level := found[arg]) is not None]
        found[node] = max(below) + (node.op in CONTRACTIONS) if below else None
    return found[root]


def _degree_of(root: Node, names: Mapping[Name, int]) -> int:
    """The degree of an expression in the states."""
    found: dict[Node, int] = {}
    for node in subnodes(root):
        found[node] = _degree(node, [found[arg] for arg in node.args], names)
    return found[root]


def _degree(node: Node, args: list[int], names: Mapping[Name, int]) -> int:
    if node.op == "ref":
        return names.get(node.name, CONSTANT)
    if not any(args):
        return CONSTANT
    if node.op in LINEAR:
        return max(args)
    if node.op in PRODUCTS:
        return min(sum(args), OTHER)
    if node.op == "div":
        return args[0] if args[1] == CONSTANT else OTHER
    if node.op == "where":
        return max(args[1:]) if args[0] == CONSTANT else OTHER
    if node.op == "elementwise":
        return _expanded(node, args)
    return OTHER


def _expanded(node: Node, args: list[int]) -> int:
    """The degree of a user's scalar function, by the operations that it stands for."""
    found = dict(zip(node.args, args, strict=True))
    for part in subnodes(expand(node)):
        if part not in found:
            found[part] = _degree(part, [found[arg] for arg in part.args], {})
    return found[expand(node)]
