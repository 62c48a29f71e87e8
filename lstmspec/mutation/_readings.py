"""Mutations of a name that an equation reads: one for another, by the kinds of names that a cell has."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..language import Role, System
from ..nodes import Name, Node, ref
from ..sizes import Size
from ._mutation import dimensions

NameKind = Literal["input", "state", "parameter", "constant", "next", "gate"]
_KINDS: Mapping[Role, NameKind] = {
    Role.INPUT: "input",
    Role.STATE: "state",
    Role.WEIGHT: "parameter",
    Role.BIAS: "parameter",
    Role.CONSTANT: "constant",
}


@dataclass(frozen=True)
class Subject:
    """The cell that is mutated, as the rules see it."""

    system: System

    @functools.cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Its dimension symbols."""
        return tuple(Size.of(name) for name in dimensions(self.system))

    def kind_of(self, name: Name) -> NameKind:
        """The kind of a name: of an equation `next`, the new value of a state, or `gate`."""
        if name in self.system.symbols:
            return _KINDS[self.system.symbols[name].role]
        return "next" if name.state in self.system.states else "gate"

    def names(self, kind: NameKind) -> Iterator[Name]:
        """The names of a kind, in order."""
        return (name for name in (*self.system.symbols, *self.system.equations) if self.kind_of(name) == kind)


Rule = Callable[[Node, Subject], Iterator[Node]]  # an expression → each that may stand in its place


def read_for(wanted: NameKind, *old: NameKind) -> Rule:
    """A name → each other name of another kind."""

    def rule(node: Node, subject: Subject) -> Iterator[Node]:
        if node.op == "ref" and subject.kind_of(node.name) in old:
            yield from (ref(name, node.site) for name in subject.names(wanted) if name != node.name)

    return rule


def stale_or_fresh(node: Node, subject: Subject) -> Iterator[Node]:
    """c → c.next, c.next → c: shapes do not see it, but a cycle can come of it"""
    if node.op != "ref":
        return
    kind = subject.kind_of(node.name)
    if kind == "state":
        yield ref(node.name.next, node.site)
    elif kind == "next":
        yield ref(node.name.state, node.site)
