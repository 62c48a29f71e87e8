"""State-to-state Jacobians, by forward accumulation of matrices over the equations of a step.

The derivative of one state's new value with respect to another's previous one has a direct part, with the other states
held fixed, and a part through each state that was itself computed from it one step before: an LSTM's `h` is
`o * tanh(c)` of the previous step, so c reaches c.next through h as well.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..checker import check, shapes_within
from ..diagnostics import Code, Diagnostic, SpecError
from ..language import Equation, Role, System, ancestors, order
from ..nodes import Name, Node, brief, ref, replace, subnodes, text
from ..ops import build as b
from ..ops import is_elementwise, partial_derivative
from ..sizes import Shape, Size

LONGEST = 4000  # characters of a part; of a longer one the inner parts are left out


@dataclass(frozen=True)
class Jacobian:
    """d target / d source, a matrix (size of target, size of source).

    Attributes:
        target: A state's new value, `c.next`.
        source: A state's previous value, `c`.
        direct: The part with the other states fixed; zeros when there is none.
        through: For each other state that depends on the source by the previous step: the part through it. A name with
            `.prev` is the value that the equation had one step before.

    """

    target: Name
    source: Name
    direct: Node
    through: Mapping[Name, Node]

    @property
    def total(self) -> Node:
        """The sum of all parts."""
        return functools.reduce(b.add, self.through.values(), self.direct)

    def __str__(self) -> str:
        head = f"∂{self.target}/∂{self.source} = "
        lines = [head + brief(self.direct, LONGEST)]
        margin = " " * (len(head) - 2)
        lines += [f"{margin}+ {brief(part, LONGEST)}    through {state}" for state, part in self.through.items()]
        return "\n".join(lines)


def jacobian(system: System, target: Name, source: Name) -> Jacobian:
    """The Jacobian of an equation with respect to a state (or an input).

    Raises:
        SpecError: LS207 for unknown names; LS106 where a scalar or matrix is on the way, which has no such matrix;
            and when the system is ill-shaped.

    """
    names = dict(check(system).require().of)
    if target not in system.equations or source not in system.symbols:
        known = f"equations {', '.join(system.equations)}; symbols {', '.join(system.symbols)}"
        message = f"no Jacobian of `{target}` with respect to `{source}`: expected an equation and a symbol of the cell"
        raise SpecError([Diagnostic(Code.LS207, message, None, system.name, notes=(known,))])
    direct = _Forward(system, names, source).of(target)
    through: dict[Name, Node] = {}
    carried = Name(source).next
    read = ancestors(system, [target])
    for state in system.states:
        if state == source or state not in read or carried not in ancestors(system, [state.next]):
            continue
        into = _Forward(system, names, state).of(target)
        step_before = _Forward(system, names, carried).of(state.next)
        if into is not None and step_before is not None:
            through[state] = _product(into, replace(step_before, lambda node: _one_step_back(node, system)))
    rows, columns = names[target][0], names[source][0]
    return Jacobian(target, source, b.zeros(rows, columns) if direct is None else direct, through)


def _one_step_back(node: Node, system: System) -> Node:
    """What a name stood for one step before: new values of states are the previous ones, the rest is `.prev`."""
    if node.op != "ref":
        return node
    name = node.name
    if name in system.having(Role.WEIGHT, Role.BIAS, Role.CONSTANT):
        return node
    return ref(name.base if name.is_next else name.previous)


@dataclass(frozen=True)
class _Stacked:
    """The Jacobian of a concatenation: blocks below one another, None for zeros, with their heights."""

    blocks: tuple[Node | None, ...]
    heights: tuple[Size, ...]


class _Forward:
    """Forward accumulation of the derivative with respect to one name; None stands for zero."""

    def __init__(self, system: System, names: Mapping[Name, Shape], source: Name) -> None:
        self.system = system
        self.names = names
        self.source = source
        if len(names[source]) != 1:
            raise self._no_vector(source)
        self.width = names[source][0]

    def of(self, target: Name) -> Node | None:
        """d target / d source within one step, the source taken as independent."""
        known: dict[Name, Node | None] = {self.source: Node("diag", (b.ones(self.width),))}
        on_the_way = ancestors(self.system, [target])
        for equation in order(self.system):
            if equation.name not in known and equation.name in on_the_way:
                known[equation.name] = self._expression(equation, known)
        return known[target]

    def _expression(self, equation: Equation, known: Mapping[Name, Node | None]) -> Node | None:
        root = equation.expr
        shapes = shapes_within(root, self.names)
        found: dict[Node, Node | _Stacked | None] = {}
        for node in subnodes(root):
            parts = [found[arg] for arg in node.args]
            if node.op == "ref":
                found[node] = known.get(node.name)
            elif all(part is None for part in parts):
                found[node] = None
            elif node.op == "concat":
                found[node] = _Stacked(
                    tuple(self._whole(part) for part in parts), tuple(shapes[a][0] for a in node.args)
                )
            elif node.op == "matmul" and parts[0] is None:
                found[node] = _applied(node.args[0], parts[1])
            elif node.op == "slice":
                found[node] = b.cut(self._nonzero(parts[0]), 0, *cast(tuple[Size, Size], node.attrs[1:]))
            elif is_elementwise(node):
                answer = ref(equation.name) if node is root else node
                found[node] = self._elementwise(node, answer, parts, shapes)
            else:
                raise self._no_vector(text(node))
        return self._whole(found[root])

    def _elementwise(
        self, node: Node, answer: Node, parts: Sequence[Node | _Stacked | None], shapes: Mapping[Node, Shape]
    ) -> Node | None:
        terms: list[Node] = []
        for index, part in enumerate(parts):
            if part is None:
                continue
            if len(shapes[node.args[index]]) != 1:
                raise self._no_vector(text(node.args[index]))
            factor = partial_derivative(node, index, answer)
            if factor is not None:
                terms.append(_scaled(factor, self._nonzero(part), len(shapes_within(factor, self.names)[factor])))
        return functools.reduce(b.add, terms) if terms else None

    def _whole(self, part: Node | _Stacked | None) -> Node | None:
        if not isinstance(part, _Stacked):
            return part
        blocks = [
            b.zeros(height, self.width) if block is None else block
            for block, height in zip(part.blocks, part.heights, strict=True)
        ]
        return Node("concat", tuple(blocks))

    def _nonzero(self, part: Node | _Stacked | None) -> Node:
        whole = self._whole(part)
        assert whole is not None  # callers have looked
        return whole

    def _no_vector(self, what: str) -> SpecError:
        message = f"jacobian() is for vectors; `{what}` is none, or joins them in a way that has no Jacobian here"
        return SpecError([Diagnostic(Code.LS106, message, None, self.system.name)])


def _scaled(factor: Node, matrix: Node, rank: int = 1) -> Node:
    """diag(factor) @ matrix, for a vector factor; factor * matrix for a scalar."""
    if matrix.op == "neg":
        return b.neg(_scaled(factor, matrix.args[0], rank))
    if rank == 0 and matrix.op != "diag":
        return b.mul(factor, matrix)
    if matrix.op == "matmul" and matrix.args[0].op == "diag":
        return b.matmul(_scaled(factor, matrix.args[0], rank), matrix.args[1])
    if matrix.op == "diag":
        inner = matrix.args[0]
        return Node("diag", (factor if inner.op == "ones" and rank == 1 else b.mul(factor, inner),))
    return b.matmul(Node("diag", (factor,)), matrix)


def _product(left: Node, right: Node) -> Node:
    if right.op == "diag" and right.args[0].op == "ones":
        return left
    if left.op == "diag":
        return _scaled(left.args[0], right)
    return b.matmul(left, right)


def _applied(weight: Node, matrix: Node | _Stacked | None) -> Node | None:
    """weight @ matrix; blocks of zeros take no part: W @ concat(0, J) is W[:, n:] @ J."""
    if not isinstance(matrix, _Stacked):
        return None if matrix is None else _product(weight, matrix)
    start = Size.of(0)
    products: list[Node] = []
    for block, height in zip(matrix.blocks, matrix.heights, strict=True):
        if block is not None:
            products.append(_product(b.cut(weight, 1, start, start + height), block))
        start = start + height
    return functools.reduce(b.add, products)
