"""Edits of a system: what is changed, where, and how it reads before and after."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lstmspec.language import Equation, Symbol, System
from lstmspec.nodes import Node, names_in, text

Change = Equation | Symbol | None  # None removes an equation
Path = tuple[int, ...]


@dataclass(frozen=True)
class Edit:
    """Changes of one kind: the new equation or symbol under each name."""

    kind: str
    changes: Mapping[str, Change]

    @property
    def key(self) -> tuple[tuple[str, Change], ...]:
        """What makes two edits one; the kind does not."""
        return tuple(sorted(self.changes.items(), key=lambda item: item[0]))


@dataclass(frozen=True)
class Mutant:
    """An edited system."""

    original: System
    edit: Edit
    system: System

    def __str__(self) -> str:
        lines = [
            f"{shown_change(name, self._before(name))}  →  {shown_change(name, change)}"
            for name, change in self.edit.changes.items()
        ]
        return f"{self.original.name}, {self.edit.kind}: {'; '.join(lines)}"

    def _before(self, name: str) -> Change:
        return self.original.equations.get(name) or self.original.symbols[name]


def shown_change(name: str, change: Change) -> str:
    """An equation or a declaration in a line."""
    if change is None:
        return "nothing"
    if isinstance(change, Equation):
        return f"{name} = {text(change.expr)}"
    if change.shape is None:
        return f"{name} : undeclared"
    return f"{name} : ({', '.join('?' if size is None else str(size) for size in change.shape)})"


def applied(system: System, edit: Edit) -> Mutant:
    """The system with the changes; parameters of unsaid sizes that nothing reads any more are gone, as in a class."""
    symbols, equations = dict(system.symbols), dict(system.equations)
    for name, change in edit.changes.items():
        if isinstance(change, Symbol):
            symbols[name] = change
        elif isinstance(change, Equation):
            equations[name] = change
        else:
            del equations[name]
    read = {name for equation in equations.values() for name in names_in(equation.expr)}
    for name, symbol in list(symbols.items()):
        if symbol.role.is_parameter and name not in read and not is_explicit(symbol):
            del symbols[name]
    return Mutant(system, edit, dataclasses.replace(system, symbols=symbols, equations=equations))


def is_explicit(symbol: Symbol) -> bool:
    """Whether every size of it is declared."""
    return symbol.shape is not None and None not in symbol.shape


def places(root: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every occurrence of every subexpression with the way to it, from the outside in."""
    yield path, root
    for index, arg in enumerate(root.args):
        yield from places(arg, (*path, index))


def put(root: Node, path: Path, new: Node) -> Node:
    """The expression with another one at one place."""
    if not path:
        return new
    args = list(root.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return Node(root.op, tuple(args), root.attrs, root.site)


def made(like: Node, op: str, *args: Node, attrs: tuple[object, ...] = ()) -> Node:
    """A node at the site of another."""
    return Node(op, args, attrs, like.site)
