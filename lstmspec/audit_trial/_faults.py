"""Faults of implementations, planted in equations: mistakes of people that leave every shape right.

Invariant: nothing here knows of the audit. Its edits are rules of its own, so that a fault is found because it is seen,
not because both sides share a list.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..checker import check, columns, explicit
from ..language import Equation, Role, System, sort
from ..mutation import in_turn
from ..nodes import Name, Node, names_in, occurrences, text
from ..nodes import replace as rewritten
from ._rules import KINDS, Rule, name_of, role_of


@dataclass(frozen=True)
class Fault:
    """A cell with one fault.

    Attributes:
        kind: One of `KINDS`.
        equation: The equation that it is in.
        original: The cell.
        system: The cell with the fault, every shape declared.
        implemented: The same function, without parameters that nothing reads, and columns that only zeros meet.

    """

    kind: str
    equation: Name
    original: System
    system: System
    implemented: System

    @property
    def line(self) -> str:
        """The equation with the fault in it."""
        return line(self.system, self.equation)

    @property
    def key(self) -> tuple[str, str, str]:
        """Two faults of a cell are one where these are equal."""
        shapes = (f"{name} {self.implemented.symbols[name].shape}" for name in self.implemented.parameters)
        return self.kind, self.line, ", ".join(shapes)

    def __str__(self) -> str:
        form = line(self.implemented, self.equation)
        return f"{self.original.name}, {self.kind}: {line(self.original, self.equation)}  →  {form}"


def line(system: System, equation: Name) -> str:
    """An equation as text."""
    return f"{equation} = {text(system.equations[equation].expr)}"


def faults(system: System) -> Iterator[Fault]:
    """Every fault of a cell, each once. Of a parameter that nothing reads any more, one that is kept and one gone."""
    whole, seen = explicit(system), set[tuple[str, str, str]]()  # membership only
    for kind, rule in KINDS.items():
        for equation, edited in _edited(whole, rule):
            for implemented in _implementations(edited):
                fault = Fault(kind, equation, system, edited, implemented)
                if fault.key not in seen and _stands(implemented):
                    seen.add(fault.key)
                    yield fault


def sample(systems: Sequence[System], each: int, seed: int, limit: int | None) -> list[Fault]:
    """So many faults of each kind and cell, and of all so many: every kind and every cell gets its turn."""
    bins: dict[str, list[list[Fault]]] = {kind: [] for kind in KINDS}
    for system in systems:
        own: dict[str, list[Fault]] = {}
        for fault in faults(system):
            own.setdefault(fault.kind, []).append(fault)
        for kind, found in own.items():
            random.Random(f"{seed} {system.name} {kind}").shuffle(found)
            bins[kind].append(found[: each or None])
    queues = [list(in_turn(own)) for own in bins.values()]
    return list(in_turn(queues))[:limit]


def _edited(system: System, rule: Rule) -> Iterator[tuple[Name, System]]:
    """Each equation that a rule changes, with the system then; none whose equations have no order."""
    for equation in system.equations.values():
        for node in occurrences(equation.expr):  # as written: a layer_norm has its argument once
            for new in rule(system, node):
                changed = replace(equation, expr=_with(equation.expr, node, new))
                equations = {**system.equations, equation.name: changed}
                if changed.expr != equation.expr and not sort(equations)[1]:
                    yield equation.name, replace(system, equations=equations)


def _with(root: Node, old: Node, new: Node) -> Node:
    """An expression with another one in a place of it."""
    return rewritten(root, lambda node: new if node is old else node)


def _stands(system: System) -> bool:
    """Whether the checker has nothing against it but parameters that nothing reads."""
    return all(found.code.name == "LS105" and "reads it" in found.message for found in check(system).diagnostics)


# -- implementations of an edited cell ---------------------------------------------------------------------------------


def _implementations(system: System) -> Iterator[System]:
    """The system, and where nothing reads a parameter any more, or columns of one, without them too."""
    yield system
    read = {name for equation in system.equations.values() for name in names_in(equation.expr)}
    kept = {name: symbol for name, symbol in system.symbols.items() if name in read or not symbol.role.is_parameter}
    if len(kept) < len(system.symbols):
        yield replace(system, symbols=kept)
    for equation in system.equations.values():
        for product in occurrences(equation.expr):
            yield from (_narrowed(system, equation, product, at) for at in _dead_columns(system, product))


def _dead_columns(system: System, product: Node) -> list[int]:
    """The operands of a matrix that are zeros, where it acts on one concatenation only and has columns for each."""
    if product.op != "matmul" or product.args[1].op != "concat" or role_of(system, product.args[0]) is not Role.WEIGHT:
        return []
    parts = product.args[1].args
    zeros = [at for at, part in enumerate(parts) if part.op == "mul" and part.args[0].attrs == (0.0,)]
    if not zeros or check(system).diagnostics:
        return []
    return zeros if len(columns(system, name_of(product.args[0]))) == len(parts) else []


def _narrowed(system: System, equation: Equation, product: Node, at: int) -> System:
    """The system without one operand of a matrix, and without the matrix's columns for it."""
    matrix, operand = product.args
    rest = operand.args[:at] + operand.args[at + 1 :]
    new = Node("matmul", (matrix, rest[0] if len(rest) == 1 else Node("concat", rest)))
    symbol = system.symbols[name_of(matrix)]
    rows, wide = check(system).of[symbol.name]
    narrow = replace(symbol, shape=(rows, wide - columns(system, symbol.name)[at].size))
    return replace(
        system,
        symbols={**system.symbols, symbol.name: narrow},
        equations={**system.equations, equation.name: replace(equation, expr=_with(equation.expr, product, new))},
    )
