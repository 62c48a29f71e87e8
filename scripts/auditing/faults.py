"""Faults of implementations, planted in equations: what people get wrong while every shape stays right.

Invariant: nothing here knows of the audit. Its edits are rules of its own, so that a fault is found because it is seen,
not because both sides share a list.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mutating.edits import places, put

from lstmspec.checker import check, columns
from lstmspec.language import Equation, System, sort
from lstmspec.nodes import Node, names_in, occurrences, replace, text

from .rules import KINDS, name_of


@dataclass(frozen=True)
class Fault:
    """A cell with one fault.

    Attributes:
        kind: Which of the kinds.
        equation: The equation that it is in.
        original: The cell.
        system: The cell with the fault, every shape declared.
        implemented: The same function, without parameters that nothing reads, and columns that only zeros meet.

    """

    kind: str
    equation: str
    original: System
    system: System
    implemented: System

    @property
    def line(self) -> str:
        """The equation with the fault in it."""
        return line(self.system, self.equation)

    def __str__(self) -> str:
        form = line(self.implemented, self.equation)
        return f"{self.original.name}, {self.kind}: {line(self.original, self.equation)}  →  {form}"


def line(system: System, equation: str) -> str:
    """An equation as text."""
    return f"{equation} = {text(system.equations[equation].expr)}"


def faults(system: System) -> Iterator[Fault]:
    """Every fault of a cell, each once. Of a parameter that nothing reads any more, one that is kept and one gone."""
    whole, seen = declared(system), set[tuple[str, str, str]]()  # membership only
    for kind, rule in KINDS.items():
        for equation in whole.equations.values():
            for node in occurrences(equation.expr):  # as written: a layer_norm names what it is of once
                for after in rule(whole, node):
                    expr = _with(equation.expr, node, after)
                    equations = {**whole.equations, equation.name: dataclasses.replace(equation, expr=expr)}
                    if expr == equation.expr or sort(equations)[1]:
                        continue
                    edited = dataclasses.replace(whole, equations=equations)
                    for made in _forms(edited):
                        fault = Fault(kind, equation.name, system, edited, made)
                        key = (kind, fault.line, ", ".join(f"{n} {made.symbols[n].shape}" for n in made.parameters))
                        if key not in seen and _stands(made):
                            seen.add(key)
                            yield fault


def _with(root: Node, old: Node, new: Node) -> Node:
    """An expression with another one in a place of it."""
    return replace(root, lambda node: new if node is old else node)


def _stands(system: System) -> bool:
    """Whether the checker has nothing against it but parameters that nothing reads."""
    return all(found.code.name == "LS105" and "reads it" in found.message for found in check(system).diagnostics)


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
    queues = [list(_in_turn(own)) for own in bins.values()]
    return list(_in_turn(queues))[:limit]


def declared(system: System) -> System:
    """The system with every shape declared as the checker solved it."""
    solved = check(system).require().of
    symbols = {name: dataclasses.replace(symbol, shape=solved[name]) for name, symbol in system.symbols.items()}
    return dataclasses.replace(system, symbols=symbols)


def _forms(system: System) -> Iterator[System]:
    """The system, and where nothing reads a parameter any more, or columns of one, without them too."""
    yield system
    read = {name for equation in system.equations.values() for name in names_in(equation.expr)}
    kept = {name: symbol for name, symbol in system.symbols.items() if name in read or not symbol.role.is_parameter}
    if len(kept) < len(system.symbols):
        yield dataclasses.replace(system, symbols=kept)
    for equation in system.equations.values():
        for path, node in places(equation.expr):
            if node.op == "matmul" and node.args[1].op == "concat":
                for at, part in enumerate(node.args[1].args):
                    if part.op == "mul" and part.args[0].attrs == (0.0,):
                        yield _narrowed(system, equation, path, at)


def _narrowed(system: System, equation: Equation, path: tuple[int, ...], at: int) -> System:
    """The system without one operand of a matrix, and without the matrix's columns for it."""
    node = equation.expr
    for step in path:
        node = node.args[step]
    matrix, operand = node.args
    rest = operand.args[:at] + operand.args[at + 1 :]
    product = Node("matmul", (matrix, rest[0] if len(rest) == 1 else Node("concat", rest)))
    symbol = system.symbols[name_of(matrix)]
    rows, wide = symbol.shape or ()
    narrow = dataclasses.replace(symbol, shape=(rows, wide - columns(system, symbol.name)[at].size))
    changed = dataclasses.replace(equation, expr=put(equation.expr, path, product))
    return dataclasses.replace(
        system,
        symbols={**system.symbols, symbol.name: narrow},
        equations={**system.equations, equation.name: changed},
    )


def _in_turn(queues: Sequence[Sequence[Fault]]) -> Iterator[Fault]:
    for place in range(max(map(len, queues), default=0)):
        yield from (queue[place] for queue in queues if place < len(queue))
