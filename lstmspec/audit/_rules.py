"""The kinds of edits, a rule each: what may stand in the place of a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..check import check
from ..dims import Shape
from ..nodes import Node, names_in, number, occurrences, ref
from ..ops import TABLE, build
from ..spec import Role, Symbol, System
from ._edits import Change, Edit, Kind, Place, edited, parents_in, places

ACTIVATIONS = ("sigmoid", "tanh", "relu")
EXTRA = "b_extra"
Rule = Callable[[Place], Iterator[Change]]


def edits(system: System) -> list[Edit]:
    """Every single edit of a cell, by kind, and within a kind in the order of the equations. Each differs in text."""
    found: dict[tuple[str, str], Edit] = {}
    for place in places(system):
        for rule in RULES:
            for change in rule(place):
                made = edited(place, change)
                if made is not None:
                    found.setdefault((made.equation, made.line), made)
    order = {kind: rank for rank, kind in enumerate(Kind)}
    return sorted([*found.values(), *everywhere(system)], key=lambda edit: order[edit.kind])


# -- states ------------------------------------------------------------------------------------------------------------


def _other_time(place: Place) -> Iterator[Change]:
    """c.next → c, and c → c.next"""
    name = _name(place.node)
    if name.endswith(".next") and name.removesuffix(".next") in place.system.states:
        yield Change(Kind.STALE, ref(name.removesuffix(".next")))
    elif name in place.system.states:
        yield Change(Kind.FRESH, ref(f"{name}.next"))


def _other_name(place: Place) -> Iterator[Change]:
    """A value for another one of its shape; parameters are for whoever maps them."""
    own = _name(place.node)
    values = (*place.system.inputs, *place.system.states, *place.system.equations)
    if own not in values:
        return
    for name in values:
        same_state = name.removesuffix(".next") == own.removesuffix(".next")
        if not same_state and place.shapes[name] == place.shapes[own]:
            yield Change(Kind.OTHER_NAME, ref(name))


# -- arithmetic --------------------------------------------------------------------------------------------------------


def _arithmetic(place: Place) -> Iterator[Change]:
    """u * v ↔ u + v, and the sign of a term"""
    node = place.node
    if node.op == "mul":
        yield Change(Kind.SUM, Node("add", node.args))
    if node.op == "add":
        yield Change(Kind.PRODUCT, Node("mul", node.args))
        yield Change(Kind.SIGN, Node("sub", node.args))
    if node.op == "sub":
        yield Change(Kind.SIGN, Node("add", node.args))
        yield Change(Kind.SIGN, Node("sub", node.args[::-1]))
    if node.op == "neg":
        yield Change(Kind.SIGN, node.args[0])


def _interpolation(place: Place) -> Iterator[Change]:
    """a * u + b * v → b * u + a * v, whichever factor is the weight"""
    if place.node.op != "add" or any(term.op != "mul" for term in place.node.args):
        return
    (a, u), (b, v) = (term.args for term in place.node.args)
    yield Change(Kind.SWAPPED, Node("add", (Node("mul", (b, u)), Node("mul", (a, v)))))
    yield Change(Kind.SWAPPED, Node("add", (Node("mul", (v, u)), Node("mul", (b, a)))))


def _complement(place: Place) -> Iterator[Change]:
    """1 - z → z, and a factor z → 1 - z"""
    node = place.node
    if node.op == "sub" and build.is_number(node.args[0], 1.0):
        yield Change(Kind.COMPLEMENT, node.args[1])
    elif any(parent.op == "mul" for parent in place.parents) and not _learned(place, node):
        yield Change(Kind.COMPLEMENT, Node("sub", (number(1.0), node)))


# -- activations -------------------------------------------------------------------------------------------------------


def _activation(place: Place) -> Iterator[Change]:
    """tanh(u) → u, or sigmoid(u); and u → tanh(u) of a whole equation, a layer, or a factor"""
    node = place.node
    if _is_function(node):
        yield Change(Kind.MISSING_ACTIVATION, node.args[0])
        yield from (Change(Kind.OTHER_ACTIVATION, Node(op, node.args)) for op in ACTIVATIONS if op != node.op)
        return
    whole = not place.parents or node.op in ("matmul", "layer") or any(parent.op == "mul" for parent in place.parents)
    if whole and node.op != "number" and not _learned(place, node):
        yield from (Change(Kind.MORE_ACTIVATION, Node(op, (node,))) for op in ACTIVATIONS)


# -- terms and factors -------------------------------------------------------------------------------------------------


def _missing(place: Place) -> Iterator[Change]:
    """u + v → u, u * v → u; which kind that is depends on what is gone"""
    node = place.node
    if node.op in ("add", "sub", "mul"):
        left, right = node.args
        yield Change(_loss(place, right), left)
        yield Change(_loss(place, left), right if node.op != "sub" else Node("neg", (right,)))
    if node.op == "div":
        yield Change(Kind.MISSING_FACTOR, node.args[0])


def _loss(place: Place, gone: Node) -> Kind:
    roles = {place.system.symbols[name].role for name in names_in(gone) if name in place.system.symbols}
    if gone.op == "ref" and roles == {Role.BIAS}:
        return Kind.MISSING_BIAS
    if place.node.op != "mul":
        return Kind.DEAD if any(role.is_parameter for role in roles) else Kind.MISSING_TERM
    return Kind.DEAD if gone.op == "ref" and any(role.is_parameter for role in roles) else Kind.MISSING_FACTOR


def _dead_columns(place: Place) -> Iterator[Change]:
    """W @ concat(x, h) → W @ concat(x, 0 * h)"""
    if place.node.op != "matmul" or not _learned(place, place.node.args[0]) or place.node.args[1].op != "concat":
        return
    matrix, operand = place.node.args
    for at, part in enumerate(operand.args):
        parts = (*operand.args[:at], Node("mul", (number(0.0), part)), *operand.args[at + 1 :])
        yield Change(Kind.DEAD, Node("matmul", (matrix, Node("concat", parts))))


def _more_bias(place: Place) -> Iterator[Change]:
    """W @ v without a bias → W @ v + b; and one for a whole equation"""
    node = place.node
    layer = _is_layer(place.system, node)
    if (layer and not _has_bias(place.system, place.parents)) or (not place.parents and node.op != "ref"):
        shape = (place.shapes[_name(node.args[0])][0],) if layer else place.shape
        yield Change(Kind.MORE_BIAS, Node("add", (node, ref(EXTRA))), (_parameter(EXTRA, Role.BIAS, shape),))


def _more_layer(place: Place) -> Iterator[Change]:
    """x as it is → W @ x, or W @ x + b"""
    name = _name(place.node)
    bare = all(parent.op not in ("matmul", "concat", "dot", "outer") for parent in place.parents)
    if name in place.system.inputs and bare and len(place.shapes[name]) == 1:
        (size,) = place.shapes[name]
        matrix, bias = _parameter("W_extra", Role.WEIGHT, (size, size)), _parameter(EXTRA, Role.BIAS, (size,))
        product = Node("matmul", (ref(matrix.name), place.node))
        yield Change(Kind.MORE_LAYER, product, (matrix,))
        yield Change(Kind.MORE_LAYER, Node("add", (product, ref(EXTRA))), (matrix, bias))


def everywhere(system: System) -> Iterator[Edit]:
    """What libraries do to all layers at once: drop the biases of all, or give one to each that has none."""
    layers = {name for name, symbol in system.symbols.items() if symbol.layer and symbol.role is Role.BIAS}

    def bare(node: Node, _: tuple[Node, ...]) -> Node:
        return node.args[0] if node.op == "add" and _name(node.args[1]) in layers else node

    made: list[Symbol] = []
    shapes = check(system).require().of

    def biased(node: Node, parents: tuple[Node, ...]) -> Node:
        if not _is_layer(system, node) or _has_bias(system, parents):
            return node
        made.append(_parameter(f"{EXTRA}{len(made) + 1}", Role.BIAS, (shapes[_name(node.args[0])][0],)))
        return Node("add", (node, ref(made[-1].name)))

    for kind, rule in ((Kind.NO_BIASES, bare), (Kind.MORE_BIASES, biased)):
        equations = {name: replace(old, expr=_with_parents(old.expr, rule)) for name, old in system.equations.items()}
        touched = [name for name, equation in equations.items() if equation.expr != system.equations[name].expr]
        symbols = {**system.symbols, **{symbol.name: symbol for symbol in made}}
        if kind is Kind.NO_BIASES:
            symbols = {name: symbol for name, symbol in system.symbols.items() if name not in layers}
        if touched and (kind is Kind.NO_BIASES or len(made) > 1):
            before, after = system.equations[touched[0]].expr, equations[touched[0]].expr
            yield Edit(kind, touched[0], before, after, replace(system, symbols=symbols, equations=equations))


def _with_parents(root: Node, rule: Callable[[Node, tuple[Node, ...]], Node]) -> Node:
    """An expression rewritten from the leaves up by a rule that also sees what reads each node."""
    parents, new = parents_in(root), dict[int, Node]()
    for node in occurrences(root):
        args = tuple(new[id(arg)] for arg in node.args)
        same = all(old is now for old, now in zip(node.args, args, strict=True))
        rebuilt = node if same else Node(node.op, args, node.attrs, node.site)
        new[id(node)] = rule(rebuilt, parents.get(id(node), ()))
    return new[id(root)]


RULES: tuple[Rule, ...] = (
    _other_time,
    _arithmetic,
    _interpolation,
    _activation,
    _missing,
    _dead_columns,
    _more_bias,
    _more_layer,
    _complement,
    _other_name,
)


def _name(node: Node) -> str:
    return str(node.attrs[0]) if node.op == "ref" else ""


def _learned(place: Place, node: Node) -> bool:
    return _name(node) in place.system.parameters


def _is_layer(system: System, node: Node) -> bool:
    return node.op == "matmul" and _name(node.args[0]) in system.parameters


def _has_bias(system: System, parents: tuple[Node, ...]) -> bool:
    """Whether a bias is added by what reads a node."""
    added = (system.symbols.get(_name(arg)) for parent in parents if parent.op == "add" for arg in parent.args)
    return any(symbol is not None and symbol.role is Role.BIAS for symbol in added)


def _parameter(name: str, role: Role, shape: Shape) -> Symbol:
    return Symbol(name, role, shape, layer=True)


def _is_function(node: Node) -> bool:
    """Whether it is a function of one number, elementwise: what can be an activation."""
    row = TABLE.get(node.op)
    return row is not None and row.arity == 1 and row.scalar is not None and node.op != "neg"
