"""Edits of all layers at once, as libraries make them, and the questions of rules about layers and biases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..checker import check, explicit
from ..language import Role, Symbol, System
from ..nodes import Name, Node, occurrences, ref
from ..sizes import Shape
from ._edits import Edit, Kind, name_of, parents_in, pruned

EXTRA = "b_extra"


def everywhere(system: System) -> Iterator[Edit]:
    """The edits of all layers at once: no biases, or one for each layer that has none."""
    system = explicit(system)
    biases = system.having(Role.BIAS)

    def bare(node: Node, _: tuple[Node, ...]) -> Node:
        return node.args[0] if node.op == "add" and name_of(node.args[1]) in biases else node

    made: list[Symbol] = []
    shapes = check(system).require().of

    def biased(node: Node, parents: tuple[Node, ...]) -> Node:
        if not is_layer(system, node) or has_bias(system, parents):
            return node
        made.append(parameter(f"{EXTRA}{len(made) + 1}", Role.BIAS, (shapes[name_of(node.args[0])][0],)))
        return Node("add", (node, ref(made[-1].name)))

    for kind, rule in ((Kind.NO_BIASES, bare), (Kind.MORE_BIASES, biased)):
        equations = {name: replace(old, expr=_with_parents(old.expr, rule)) for name, old in system.equations.items()}
        touched = [name for name, equation in equations.items() if equation.expr != system.equations[name].expr]
        symbols = {**system.symbols, **{symbol.name: symbol for symbol in made}}
        if touched and (kind is Kind.NO_BIASES or len(made) > 1):
            before, after = system.equations[touched[0]].expr, equations[touched[0]].expr
            whole = pruned(replace(system, symbols=symbols, equations=equations))
            yield Edit(kind, touched[0], before, after, whole)


def _with_parents(root: Node, rule: Callable[[Node, tuple[Node, ...]], Node]) -> Node:
    """An expression rewritten from the leaves up by a rule that also sees what reads each node."""
    parents, new = parents_in(root), dict[int, Node]()
    for node in occurrences(root):
        args = tuple(new[id(arg)] for arg in node.args)
        same = all(old is now for old, now in zip(node.args, args, strict=True))
        rebuilt = node if same else Node(node.op, args, node.attrs, node.site)
        new[id(node)] = rule(rebuilt, parents.get(id(node), ()))
    return new[id(root)]


def is_layer(system: System, node: Node) -> bool:
    """Whether it is the product of a parameter with something."""
    return node.op == "matmul" and name_of(node.args[0]) in system.parameters


def has_bias(system: System, parents: tuple[Node, ...]) -> bool:
    """Whether a bias is added by what reads a node."""
    added = (system.symbols.get(name_of(arg)) for parent in parents if parent.op == "add" for arg in parent.args)
    return any(symbol is not None and symbol.role is Role.BIAS for symbol in added)


def parameter(name: str, role: Role, shape: Shape) -> Symbol:
    """A parameter that the equations lack."""
    return Symbol(Name(name), role, shape, layer=True)
