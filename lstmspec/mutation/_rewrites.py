"""Mutations of an operation: functions from a subexpression to each that may stand in its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import product
from typing import cast

from ..nodes import Node, number
from ..sizes import Size
from ._readings import Rule, Subject

ARITHMETIC = ("add", "sub", "mul", "div", "matmul")
ZERO, ONE, TWO = Size.of(0), Size.of(1), Size.of(2)


def _of(*ops: str) -> Callable[[Rule], Rule]:
    """The rule, asked only about these operations."""

    def asked(rule: Rule) -> Rule:
        return lambda node, subject: rule(node, subject) if node.op in ops else iter(())

    return asked


def _made(like: Node, op: str, *args: Node, attrs: tuple[Hashable, ...] = ()) -> Node:
    """A node at the site of another."""
    return Node(op, args, attrs, like.site)


def _without(node: Node, index: int) -> Node:
    rest = node.args[:index] + node.args[index + 1 :]
    return rest[0] if len(rest) == 1 else _made(node, node.op, *rest)


# -- rules -------------------------------------------------------------------------------------------------------------


@_of("concat")
def drop_part(node: Node, subject: Subject) -> Iterator[Node]:
    """concat(x, h) → x"""
    return (_without(node, index) for index in range(len(node.args)))


@_of("concat")
def repeat_part(node: Node, subject: Subject) -> Iterator[Node]:
    """concat(x, h) → concat(x, x), concat(x, x, h)"""
    for index, part in enumerate(node.args):
        yield _made(node, "concat", *node.args[:index], part, *node.args[index:])
        for other in range(len(node.args)):
            yield _made(node, "concat", *node.args[:other], part, *node.args[other + 1 :])


@_of("concat", *ARITHMETIC, "outer", "dot", "pow", "maximum", "minimum")
def swap_operands(node: Node, subject: Subject) -> Iterator[Node]:
    """W @ x → x @ W"""
    yield _made(node, node.op, *reversed(node.args))


def exchange_operation(*pairs: tuple[str, str]) -> Rule:
    """An operation → another one with the same operands."""

    def rule(node: Node, subject: Subject) -> Iterator[Node]:
        return (_made(node, new, *node.args) for old, new in pairs if node.op == old and len(node.args) == 2)

    return rule


def transpose(node: Node, subject: Subject) -> Iterator[Node]:
    """W → W.T; W.T → W"""
    yield node.args[0] if node.op == "transpose" else _made(node, "transpose", node)


@_of(*ARITHMETIC, "outer", "dot", "sum", "maximum", "minimum")
def drop_operand(node: Node, subject: Subject) -> Iterator[Node]:
    """W @ x + b → W @ x"""
    yield from node.args


@_of(*ARITHMETIC)
def regroup(node: Node, subject: Subject) -> Iterator[Node]:
    """W @ x + b → W @ (x + b)"""
    left, right = node.args
    if left.op in ARITHMETIC:
        yield _made(node, left.op, left.args[0], _made(node, node.op, left.args[1], right))
    if right.op in ARITHMETIC:
        yield _made(node, right.op, _made(node, node.op, left, right.args[0]), right.args[1])


@_of("matmul")
def twice(node: Node, subject: Subject) -> Iterator[Node]:
    """W @ x → W @ (W @ x), W.T @ (W @ x)"""
    yield _made(node, "matmul", node.args[0], node)
    yield _made(node, "matmul", _made(node, "transpose", node.args[0]), node)


def contract(node: Node, subject: Subject) -> Iterator[Node]:
    """u → sum(u), dot(u, u)"""
    yield _made(node, "sum", node)
    yield _made(node, "dot", node, node)


def spread(node: Node, subject: Subject) -> Iterator[Node]:
    """u → outer(u, u), concat(u, u)"""
    yield _made(node, "outer", node, node)
    yield _made(node, "concat", node, node)


def cut(node: Node, subject: Subject) -> Iterator[Node]:
    """u → u[:k], u[k:n+k], u[:2*k], u[:, :n]; some within bounds, some out of them"""
    for size in subject.sizes:
        for axis, (start, stop) in product((0, 1), ((ZERO, size), (size, size + size), (ZERO, size * TWO))):
            yield _made(node, "slice", node, attrs=(axis, start, stop))
    for left, right in product(subject.sizes, repeat=2):
        if left != right:
            yield _made(node, "slice", node, attrs=(0, left, left + right))


@_of("slice")
def move_slice(node: Node, subject: Subject) -> Iterator[Node]:
    """u[:k] → u, u[:k+1], u[1:k], u[k:2*k], the other axis"""
    axis, start, stop = cast(tuple[int, Size, Size], node.attrs)
    yield node.args[0]
    for new in ((axis, start, stop + ONE), (axis, start + ONE, stop), (axis, stop, stop + stop - start)):
        yield _made(node, "slice", *node.args, attrs=new)
    yield _made(node, "slice", *node.args, attrs=(1 - axis, start, stop))


def add_vector(node: Node, subject: Subject) -> Iterator[Node]:
    """u → u + ones(k), u * ones(1)"""
    for op, size in product(("add", "mul"), [*subject.sizes, ONE]):
        yield _made(node, op, node, _made(node, "ones", attrs=(size,)))


def to_number(node: Node, subject: Subject) -> Iterator[Node]:
    """u → 1"""
    yield number(1.0)


@_of("ones", "zeros")
def other_ones(node: Node, subject: Subject) -> Iterator[Node]:
    """ones(k) → ones(n), ones(k, k)"""
    yield from (_made(node, node.op, attrs=(size,)) for size in subject.sizes)
    yield _made(node, node.op, attrs=(*node.attrs[:1], *node.attrs[:1]))


def activate(node: Node, subject: Subject) -> Iterator[Node]:
    """u → tanh(u), 2*u; tanh(u) → u: no fault of shape"""
    yield _made(node, "tanh", node)
    yield _made(node, "mul", number(2.0), node)
    if len(node.args) == 1 and node.op not in ("transpose", "sum", "slice"):
        yield node.args[0]
