"""Mutations of expressions: one row for each kind, tried at every place of every equation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..language import System
from ..nodes import Node
from . import _rewrites as r
from ._mutation import Mutation
from ._readings import Rule, Subject, read_for, stale_or_fresh

Path = tuple[int, ...]
COMPARISONS = ("less", "less_equal")
KINDS: Mapping[str, Rule] = {
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
    "input for state": read_for("input", "state", "next"),
    "state for input": read_for("state", "input"),
    "gate for state": read_for("gate", "state", "next"),
    "state for gate": read_for("state", "gate"),
    "input for gate": read_for("input", "gate"),
    "state for state": read_for("state", "state"),
    "gate for gate": read_for("gate", "gate"),
    "parameter for parameter": read_for("parameter", "parameter"),
    "parameter for value": read_for("parameter", "input", "state", "next", "gate"),
    "state for parameter": read_for("state", "parameter"),
    "stale or fresh": stale_or_fresh,
    "contract": r.contract,
    "spread": r.spread,
    "cut": r.cut,
    "move a slice": r.move_slice,
    "add a vector": r.add_vector,
    "a number for an expression": r.to_number,
    "other ones": r.other_ones,
    "activate": r.activate,
}


def mutations(system: System) -> Iterator[Mutation]:
    """Every mutation of every expression."""
    subject = Subject(system)
    for equation in system.equations.values():
        for kind, rule in KINDS.items():
            for path, node in paths_in(equation.expr):
                # Nothing in the place of a condition, and none elsewhere: that is no question of shape.
                for new in rule(node, subject) if node.op not in COMPARISONS else ():
                    yield Mutation(kind, {equation.name: replace(equation, expr=put_at(equation.expr, path, new))})


def paths_in(root: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every occurrence of every subexpression with the path to it, from the outside in."""
    yield path, root
    for index, arg in enumerate(root.args):
        yield from paths_in(arg, (*path, index))


def put_at(root: Node, path: Path, new: Node) -> Node:
    """The expression with another one in one place."""
    if not path:
        return new
    args = list(root.args)
    args[path[0]] = put_at(args[path[0]], path[1:], new)
    return Node(root.op, tuple(args), root.attrs, root.site)
