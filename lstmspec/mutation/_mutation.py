"""Mutations of a system: the changes, and their text before and after."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..language import Equation, Symbol, System
from ..nodes import Name, Node, names_in, subnodes, text
from ..sizes import Size

Change = Equation | Symbol | None  # None removes an equation


@dataclass(frozen=True)
class Mutation:
    """Changes of one kind: the new equation or symbol under each name."""

    kind: str
    changes: Mapping[Name, Change]

    @property
    def key(self) -> tuple[tuple[Name, Change], ...]:
        """Two mutations of one system are one where these are equal; the kind does not count."""
        return tuple(sorted(self.changes.items(), key=lambda item: item[0]))

    def changes_nothing(self, system: System) -> bool:
        """Whether the system has all of it already."""
        return all(change == _defined(system, name) for name, change in self.changes.items())


@dataclass(frozen=True)
class Mutant:
    """A system after a mutation."""

    original: System
    mutation: Mutation
    system: System

    def __str__(self) -> str:
        lines = [
            f"{shown_change(name, _defined(self.original, name))}  →  {shown_change(name, change)}"
            for name, change in self.mutation.changes.items()
        ]
        return f"{self.original.name}, {self.mutation.kind}: {'; '.join(lines)}"


def _defined(system: System, name: Name) -> Change:
    """The equation of a name, else its symbol."""
    return system.equations.get(name) or system.symbols.get(name)


def shown_change(name: Name, change: Change) -> str:
    """An equation or a declaration in a line."""
    if change is None:
        return "nothing"
    if isinstance(change, Equation):
        return f"{name} = {text(change.expr)}"
    if change.shape is None:
        return f"{name} : undeclared"
    return f"{name} : ({', '.join('?' if size is None else str(size) for size in change.shape)})"


def applied(system: System, mutation: Mutation) -> Mutant:
    """The mutant; parameters of unsaid sizes that nothing reads any more are gone, as in a class."""
    symbols, equations = dict(system.symbols), dict(system.equations)
    for name, change in mutation.changes.items():
        if isinstance(change, Symbol):
            symbols[name] = change
        elif isinstance(change, Equation):
            equations[name] = change
        else:
            del equations[name]
    read = {name for equation in equations.values() for name in names_in(equation.expr)}  # membership only
    kept = {
        name: symbol
        for name, symbol in symbols.items()
        if name in read or is_explicit(symbol) or not symbol.role.is_parameter
    }
    return Mutant(system, mutation, dataclasses.replace(system, symbols=kept, equations=equations))


# -- of systems --------------------------------------------------------------------------------------------------------


def is_explicit(symbol: Symbol) -> bool:
    """Whether every size of it is declared."""
    return symbol.shape is not None and None not in symbol.shape


def dimensions(system: System) -> tuple[str, ...]:
    """The dimension symbols of a system, in the order in which they occur."""
    declared = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
    written = [attr for node in _nodes(system) for attr in node.attrs if isinstance(attr, Size)]
    return tuple(dict.fromkeys(atom for size in declared + written for atom in size.atoms))


def _nodes(system: System) -> Iterator[Node]:
    for equation in system.equations.values():
        yield from subnodes(equation.expr)
