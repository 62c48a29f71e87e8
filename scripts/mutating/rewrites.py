"""Rules of mutation: functions from a subexpression to what may stand in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from lstmspec.language import System
from lstmspec.nodes import Name, Node, number, ref
from lstmspec.sizes import Size

from .edits import made
from .verdicts import dimensions

ARITHMETIC = ("add", "sub", "mul", "div", "matmul")
ONE, TWO = Size.of(1), Size.of(2)


@dataclass(frozen=True)
class Cell:
    """What mutations ask of a cell."""

    system: System

    @property
    def sizes(self) -> list[Size]:
        """Its dimension symbols."""
        return [Size.of(name) for name in dimensions(self.system)]

    def kind_of(self, name: str) -> str:
        """What a name is: input, state, parameter, constant, next (the new value of a state) or gate."""
        if name in self.system.symbols:
            role = self.system.symbols[name].role
            return "parameter" if role.is_parameter else role.value
        return "next" if Name(name).state in self.system.states else "gate"

    def names(self, *kinds: str) -> Iterator[str]:
        """The names of these kinds, in order."""
        for name in (*self.system.symbols, *self.system.equations):
            if self.kind_of(name) in kinds:
                yield name


Rule = Callable[[Node, Cell], Iterator[Node]]


def _of(*ops: str) -> Callable[[Rule], Rule]:
    """The rule, asked only about these operations."""

    def asked(rule: Rule) -> Rule:
        return lambda node, cell: rule(node, cell) if node.op in ops else iter(())

    return asked


def _without(node: Node, index: int) -> Node:
    rest = node.args[:index] + node.args[index + 1 :]
    return rest[0] if len(rest) == 1 else made(node, node.op, *rest)


def _read(name: str, node: Node) -> Node:
    return ref(name, node.site)


# -- rules -------------------------------------------------------------------------------------------------------------


@_of("concat")
def drop_part(node: Node, cell: Cell) -> Iterator[Node]:
    """concat(x, h) → x"""
    return (_without(node, index) for index in range(len(node.args)))


@_of("concat")
def repeat_part(node: Node, cell: Cell) -> Iterator[Node]:
    """concat(x, h) → concat(x, x), concat(x, x, h)"""
    for index, part in enumerate(node.args):
        yield made(node, "concat", *node.args[:index], part, *node.args[index:])
        for other in range(len(node.args)):
            yield made(node, "concat", *node.args[:other], part, *node.args[other + 1 :])


@_of("concat", *ARITHMETIC, "outer", "dot", "pow", "maximum", "minimum")
def swap_operands(node: Node, cell: Cell) -> Iterator[Node]:
    """W @ x → x @ W"""
    yield made(node, node.op, *reversed(node.args))


def exchange_operation(*pairs: tuple[str, str]) -> Rule:
    """An operation → another one with the same operands."""

    def rule(node: Node, cell: Cell) -> Iterator[Node]:
        return (made(node, new, *node.args) for old, new in pairs if node.op == old and len(node.args) == 2)

    return rule


def transpose(node: Node, cell: Cell) -> Iterator[Node]:
    """W → W.T; W.T → W"""
    yield node.args[0] if node.op == "transpose" else made(node, "transpose", node)


@_of(*ARITHMETIC, "outer", "dot", "sum", "maximum", "minimum")
def drop_operand(node: Node, cell: Cell) -> Iterator[Node]:
    """W @ x + b → W @ x"""
    yield from node.args


@_of(*ARITHMETIC)
def regroup(node: Node, cell: Cell) -> Iterator[Node]:
    """W @ x + b → W @ (x + b)"""
    left, right = node.args
    if left.op in ARITHMETIC:
        yield made(node, left.op, left.args[0], made(node, node.op, left.args[1], right))
    if right.op in ARITHMETIC:
        yield made(node, right.op, made(node, node.op, left, right.args[0]), right.args[1])


@_of("matmul")
def twice(node: Node, cell: Cell) -> Iterator[Node]:
    """W @ x → W @ (W @ x), W.T @ (W @ x)"""
    yield made(node, "matmul", node.args[0], node)
    yield made(node, "matmul", made(node, "transpose", node.args[0]), node)


def read_for(wanted: str, *old: str) -> Rule:
    """A name → each other name of another kind."""

    def rule(node: Node, cell: Cell) -> Iterator[Node]:
        if node.op == "ref" and cell.kind_of(node.name) in old:
            yield from (_read(name, node) for name in cell.names(wanted) if name != node.name)

    return rule


def _own(name: str, cell: Cell) -> str:
    return Name(name).state if cell.kind_of(name) == "next" else Name(name).next


@_of("ref")
def stale_or_fresh(node: Node, cell: Cell) -> Iterator[Node]:
    """c → c.next, c.next → c: shapes do not see it, but a cycle can come of it"""
    name = node.name
    if cell.kind_of(name) in ("state", "next"):
        yield _read(_own(name, cell), node)


def contract(node: Node, cell: Cell) -> Iterator[Node]:
    """u → sum(u), dot(u, u)"""
    yield made(node, "sum", node)
    yield made(node, "dot", node, node)


def spread(node: Node, cell: Cell) -> Iterator[Node]:
    """u → outer(u, u), concat(u, u)"""
    yield made(node, "outer", node, node)
    yield made(node, "concat", node, node)


def cut(node: Node, cell: Cell) -> Iterator[Node]:
    """u → u[:k], u[k:n+k], u[:2*k], u[:, :n]; some within bounds, some out of them"""
    for size in cell.sizes:
        for axis, (start, stop) in product((0, 1), ((Size({}), size), (size, size + size), (Size({}), size * TWO))):
            yield made(node, "slice", node, attrs=(axis, start, stop))
    for left, right in product(cell.sizes, repeat=2):
        if left != right:
            yield made(node, "slice", node, attrs=(0, left, left + right))


@_of("slice")
def move_slice(node: Node, cell: Cell) -> Iterator[Node]:
    """u[:k] → u, u[:k+1], u[1:k], u[k:2*k], the other axis"""
    axis, start, stop = node.attrs
    yield node.args[0]
    for new in ((axis, start, stop + ONE), (axis, start + ONE, stop), (axis, stop, stop + stop - start)):
        yield made(node, "slice", *node.args, attrs=new)
    yield made(node, "slice", *node.args, attrs=(1 - int(axis), start, stop))


def add_vector(node: Node, cell: Cell) -> Iterator[Node]:
    """u → u + ones(k), u * ones(1)"""
    for op, size in product(("add", "mul"), [*cell.sizes, ONE]):
        yield made(node, op, node, made(node, "ones", attrs=(size,)))


def to_number(node: Node, cell: Cell) -> Iterator[Node]:
    """u → 1"""
    yield number(1.0)


@_of("ones", "zeros")
def other_ones(node: Node, cell: Cell) -> Iterator[Node]:
    """ones(k) → ones(n), ones(k, k)"""
    yield from (made(node, node.op, attrs=(size,)) for size in cell.sizes)
    yield made(node, node.op, attrs=(*node.attrs[:1], *node.attrs[:1]))


def activate(node: Node, cell: Cell) -> Iterator[Node]:
    """u → tanh(u), 2*u; tanh(u) → u: no fault of shape"""
    yield made(node, "tanh", node)
    yield made(node, "mul", number(2.0), node)
    if len(node.args) == 1 and node.op not in ("transpose", "sum", "slice"):
        yield node.args[0]
