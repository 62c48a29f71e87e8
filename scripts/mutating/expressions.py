"""Mutations of expressions: one row for each kind, tried at every place of every equation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lstmspec.language import System
from lstmspec.nodes import Node

from . import rewrites as r
from .edits import Edit, places, put

KINDS: Mapping[str, r.Rule] = {
    "drop a part of a concat": r.drop_part,
    "repeat a part of a concat": r.repeat_part,
    "swap operands": r.swap_operands,
    "@ → *": r.exchange_operation(("matmul", "mul")),
    "* → @": r.exchange_operation(("mul", "matmul")),
    "@ → + or +, - → @": r.exchange_operation(("matmul", "add"), ("add", "matmul"), ("sub", "matmul")),
    "* → + and + → *": r.exchange_operation(("mul", "add"), ("add", "mul"), ("sub", "div"), ("div", "sub")),
    "an operation → dot": r.exchange_operation(*((op, "dot") for op in (*r.ARITHMETIC, "outer"))),
    "an operation → outer": r.exchange_operation(*((op, "outer") for op in (*r.ARITHMETIC, "dot"))),
    "an operation → concat": r.exchange_operation(*((op, "concat") for op in r.ARITHMETIC)),
    "concat → another operation": r.exchange_operation(*(("concat", op) for op in ("add", "mul", "outer", "dot"))),
    "transpose": r.transpose,
    "drop an operand": r.drop_operand,
    "regroup": r.regroup,
    "multiply twice": r.twice,
    "input for state": r.read_for("input", "state", "next"),
    "state for input": r.read_for("state", "input"),
    "gate for state": r.read_for("gate", "state", "next"),
    "state for gate": r.read_for("state", "gate"),
    "input for gate": r.read_for("input", "gate"),
    "state for state": r.read_for("state", "state"),
    "gate for gate": r.read_for("gate", "gate"),
    "parameter for parameter": r.read_for("parameter", "parameter"),
    "parameter for value": r.read_for("parameter", "input", "state", "next", "gate"),
    "state for parameter": r.read_for("state", "parameter"),
    "stale or fresh": r.stale_or_fresh,
    "contract": r.contract,
    "spread": r.spread,
    "cut": r.cut,
    "move a slice": r.move_slice,
    "add a vector": r.add_vector,
    "a number for an expression": r.to_number,
    "other ones": r.other_ones,
    "activate": r.activate,
}


def edits(system: System) -> Iterator[Edit]:
    """Every mutation of every expression."""
    for equation in system.equations.values():
        cell = r.Cell(system)
        for kind, rule in KINDS.items():
            for path, node in places(equation.expr):
                for new in _fitting(rule, node, cell):
                    yield Edit(kind, {equation.name: replace(equation, expr=put(equation.expr, path, new))})


def _fitting(rule: r.Rule, node: Node, cell: r.Cell) -> Iterator[Node]:
    """What the rule makes; nothing in the place of a condition, and none elsewhere: that is no question of shape."""
    if node.op not in ("less", "less_equal"):
        yield from rule(node, cell)
