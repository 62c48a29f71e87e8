"""LS305: a dense layer feeds another with nothing between: the two are one, with more parameters and no more power."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..nodes import Node, brief, names_in, subnodes
from ._facts import Facts
from ._finding import Finding

LINEAR = ("add", "sub", "neg", "concat", "slice")


def layers(facts: Facts) -> Iterator[Finding]:
    """Products of a parameter with something that another parameter's product reaches through sums and joins alone."""
    for equation in facts.system.equations.values():
        for node in subnodes(equation.expr):
            if node.op == "matmul" and _is_parameter(facts, node.args[0]):
                inner = _product_within(facts, node.args[1])
                if inner is not None and not {*names_in(inner.args[0])} & {
                    *names_in(node.args[0])
                }:  # tied ones are meant
                    yield Finding(
                        Code.LS305,
                        equation.name,
                        f"a dense layer feeds another with nothing between in equation `{equation.name}`",
                        site=node.site,
                        notes=(f"`{brief(node)}` acts on `{brief(inner)}`: one layer could do both",),
                        help="put an activation between them, or drop one",
                    )
                    break


def _is_parameter(facts: Facts, node: Node) -> bool:
    while node.op in ("transpose", "slice"):
        node = node.args[0]
    return node.op == "ref" and node.name in facts.system.parameters


def _product_within(facts: Facts, root: Node) -> Node | None:
    """A parameter's product that reaches an operand without an activation; states are not looked through."""
    stack, seen = [root], set[Node]()
    while stack:
        node = facts.resolved(stack.pop())
        if node in seen:
            continue
        seen.add(node)
        if node.op == "matmul" and _is_parameter(facts, node.args[0]):
            return node
        stack += node.args if node.op in LINEAR else ()
    return None
