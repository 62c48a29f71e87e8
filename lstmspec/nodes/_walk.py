"""Walks over expressions. All are iterative or linear in distinct nodes: expressions share subtrees and can be deep."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ._node import Node


def subnodes(root: Node) -> Iterator[Node]:
    """Every distinct node once, arguments before what uses them, left before right."""
    done: set[Node] = set()  # membership only: nothing iterates over it
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done.add(node)
            yield node
        else:
            stack.append((node, True))
            stack += [(arg, False) for arg in reversed(node.args)]


def names_in(root: Node) -> tuple[str, ...]:
    """The names that an expression refers to, each once, from left to right."""
    return tuple(dict.fromkeys(str(node.attrs[0]) for node in subnodes(root) if node.op == "ref"))


def replace(root: Node, rule: Callable[[Node], Node]) -> Node:
    """The tree rebuilt from the leaves up, `rule` applied to each node whose arguments are replaced already."""
    new: dict[Node, Node] = {}
    for node in subnodes(root):
        args = tuple(new[arg] for arg in node.args)
        # Identity, not equality: an equal argument with another site must not be swapped for the first one seen.
        same = all(old is now for old, now in zip(node.args, args, strict=True))
        new[node] = rule(node if same else Node(node.op, args, node.attrs, node.site))
    return new[root]
