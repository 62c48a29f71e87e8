"""Walks over expressions. All are iterative or linear in distinct nodes: expressions share subtrees and can be deep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from ._name import Name
from ._node import Node

SUMS = ("add", "sub", "neg")


def subnodes(root: Node, below: Collection[str] | None = None) -> Iterator[Node]:
    """Every distinct node once, arguments before what uses them, left before right.

    Where `below` is given, only below nodes of these operations.
    """
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
            if below is None or node.op in below:
                stack += [(arg, False) for arg in reversed(node.args)]


def names_in(root: Node) -> tuple[Name, ...]:
    """The names that an expression refers to, each once, from left to right. Kept with each node."""
    stack = [root]
    while stack:
        node = stack[-1]
        if node.names is not None:
            stack.pop()
        elif missing := [arg for arg in node.args if arg.names is None]:
            stack += missing
        else:
            found = [node.name] if node.op == "ref" else [name for arg in node.args for name in arg.names or ()]
            node.names = tuple(dict.fromkeys(found))
            stack.pop()
    return root.names or ()


def occurrences(root: Node) -> Iterator[Node]:
    """Every node that was written, equal ones too: each has a place of its own. Arguments before what uses them."""
    done: set[int] = set()  # membership only
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack += [(arg, False) for arg in reversed(node.args)]


def replace(root: Node, rule: Callable[[Node], Node]) -> Node:
    """The tree rebuilt from the leaves up, `rule` applied to each node whose arguments are replaced already.

    By identity: an equal expression with another place is not swapped for the first one seen.
    """
    new: dict[int, Node] = {}
    for node in occurrences(root):
        args = tuple(new[id(arg)] for arg in node.args)
        same = all(old is now for old, now in zip(node.args, args, strict=True))
        new[id(node)] = rule(node if same else Node(node.op, args, node.attrs, node.site))
    return new[id(root)]


def terms_of(root: Node) -> list[tuple[Node, float]]:
    """The terms of a sum with how often each is in it, by sign; each shared part is looked at once.

    `a - b + a` is a twice and b minus once. A term that cancels has 0.
    """
    return _counted(root, -1.0)


def terms_read(root: Node) -> list[tuple[Node, float]]:
    """The terms of a sum with how often each is read, whatever its sign: `a - b + a - a` reads a three times."""
    return _counted(root, 1.0)


def _counted(root: Node, minus: float) -> list[tuple[Node, float]]:
    counts: dict[Node, float] = {root: 1.0}
    found: list[tuple[Node, float]] = []
    for node in reversed([*subnodes(root, SUMS)]):
        if node.op not in SUMS:
            found.append((node, counts[node]))
            continue
        signs = {"add": (1.0, 1.0), "sub": (1.0, minus), "neg": (minus,)}[node.op]
        for arg, sign in zip(node.args, signs, strict=True):
            counts[arg] = counts.get(arg, 0.0) + sign * counts[node]
    return found
