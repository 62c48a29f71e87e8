"""Expressions that are often meant when another was written, a row each: the words for it, and the expression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..nodes import Name, Node, brief, ref


def rewrites(node: Node, states: Sequence[Name], inputs: Sequence[Name], size: str) -> Iterator[tuple[str, Node]]:
    """Each with the words for it, in which `{}` stands for the new expression.

    `states` and `inputs` may be joined to a vector; `size` is the one that a vector lacks which is too short.
    """
    if node.op == "matmul":
        left, right = node.args
        yield "the matrix comes first: {}", _like(node, "matmul", right, left)
        yield "the matrix comes first, transposed: {}", _like(node, "matmul", _transposed(right), left)
        yield from _joined(node, states, inputs, size)
        yield _turning(left), _like(node, "matmul", _transposed(left), right)
        yield _turning(right), _like(node, "matmul", left, _transposed(right))
        yield "`*` is the elementwise product: {}", _like(node, "mul", left, right)
        yield "dot is the product of two vectors: {}", _like(node, "dot", left, right)
    if node.op == "mul":
        left, right = node.args
        yield "`@` is the matrix product: {}", _like(node, "matmul", left, right)
        yield "`@` is the matrix product, the matrix first: {}", _like(node, "matmul", right, left)
    if node.op in ("mul", "add", "sub", "div"):
        left, right = node.args
        yield _turning(left), _like(node, node.op, _transposed(left), right)
        yield _turning(right), _like(node, node.op, left, _transposed(right))
    if node.op == "outer":
        yield "the other way round: {}", _like(node, "outer", *reversed(node.args))
    if node.op == "dot":
        yield "`@` is the product with a matrix: {}", _like(node, "matmul", *node.args)
        yield "`*` is the elementwise product: {}", _like(node, "mul", *node.args)
    if node.op == "transpose":
        yield "without .T: {}", node.args[0]


def _joined(node: Node, states: Sequence[Name], inputs: Sequence[Name], size: str) -> Iterator[tuple[str, Node]]:
    """The vector that a matrix acts on with another one beside it, or without or for one of its parts."""
    left, right = node.args
    parts = right.args if right.op == "concat" else (right,)
    wholes = [(*parts, ref(name)) for name in states] + [(ref(name), *parts) for name in inputs]
    for place in range(len(parts)) if len(parts) > 1 else ():
        wholes.append((*parts[:place], *parts[place + 1 :]))
        wholes += [(*parts[:place], ref(name), *parts[place + 1 :]) for name in (*states, *inputs)]
    for whole in wholes:
        vector = whole[0] if len(whole) == 1 else Node("concat", whole, site=right.site)
        yield f"{brief(vector)} has {size}" if size else "{}", _like(node, "matmul", left, vector)


def _turning(node: Node) -> str:
    return "without .T: {}" if node.op == "transpose" else "transposed: {}"


def _transposed(node: Node) -> Node:
    return node.args[0] if node.op == "transpose" else Node("transpose", (node,), site=node.site)


def _like(node: Node, op: str, *args: Node) -> Node:
    return Node(op, args, site=node.site)
