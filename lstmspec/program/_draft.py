"""Lines before their shapes are known, and long ones cut into parts that a reader takes in at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced

from ..grad import Names
from ..nodes import Name, Node, ref, replace, subnodes, text
from ._lower import is_view
from ._program import Section

LINE = 94  # characters of a name and its expression, so that with a shape and a margin they stay within a line
SHORTEST = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """A line: its name, and the equation that it computes, or is a part of."""

    name: Name
    expr: Node
    section: Section
    equation: Name


def cut_long(drafts: Sequence[Draft], names: Names) -> list[Draft]:
    """The lines, with parts of long expressions on lines of their own in front."""
    return [line for draft in drafts for line in _cut(draft, names)]


def numbered(drafts: Sequence[Draft]) -> list[Draft]:
    """The lines with the parts of each equation numbered in the order in which they stand."""
    parts: dict[Name, list[Name]] = {}
    for draft in drafts:
        if draft.name != draft.equation:
            parts.setdefault(draft.equation, []).append(draft.name)
    new: dict[Name, Name] = {}
    for names in parts.values():
        new |= zip(names, sorted(names, key=lambda name: (len(name), name)), strict=True)

    def renamed(node: Node) -> Node:
        return ref(new[node.name]) if node.op == "ref" and node.name in new else node

    return [
        replaced(draft, name=new.get(draft.name, draft.name), expr=replace(draft.expr, renamed)) for draft in drafts
    ]


def _cut(draft: Draft, names: Names) -> Iterator[Draft]:
    """From the leaves up: where an operation gets too long, its longest operands become lines."""
    known: dict[Node, Node] = {}
    longest = max(SHORTEST, LINE - len(draft.name))
    for node in subnodes(draft.expr):
        args = [known[arg] for arg in node.args]
        made = node if args == list(node.args) else Node(node.op, tuple(args), node.attrs, node.site)
        while len(text(made)) > longest:
            at = max(range(len(args)), key=lambda index: len(text(args[index])), default=None)
            if at is None or is_view(args[at]):
                break  # nothing would be gained
            part = Draft(names.part(draft.equation), args[at], draft.section, draft.equation)
            yield part
            args[at] = ref(part.name)
            made = Node(node.op, tuple(args), node.attrs, node.site)
        known[node] = made
    yield replaced(draft, expr=known[draft.expr])
