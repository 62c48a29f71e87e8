"""The kinds of edits, a rule each: expressions that may stand in the place of a node."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

from ..checker import explicit
from ..language import Role, System
from ..nodes import Node, names_in, number, ref
from ..ops import build
from ..sizes import Size
from ._activations import activation
from ._conventions import EXTRA, everywhere, has_bias, is_layer, parameter
from ._edits import Change, Edit, Kind, Occurrence, edited, expanded, name_of, occurrences_in

Rule = Callable[[Occurrence], Iterator[Change]]


def edits(system: System) -> list[Edit]:
    """Every single edit of a cell, by kind, and within a kind in the order of the equations. Each differs in text."""
    system = explicit(system)
    found: dict[tuple[str, str], Edit] = {}
    written_out = expanded(system)
    forms = (system,) if written_out is system else (system, written_out)
    for here in itertools.chain.from_iterable(map(occurrences_in, forms)):
        for rule in RULES:
            for change in rule(here):
                made = edited(here, change)
                if made is not None:
                    found.setdefault((made.equation, made.line), made)
    order = {kind: rank for rank, kind in enumerate(Kind)}
    return sorted([*found.values(), *everywhere(system)], key=lambda edit: order[edit.kind])


# -- states ------------------------------------------------------------------------------------------------------------


def _other_time(here: Occurrence) -> Iterator[Change]:
    """c.next → c, and c → c.next"""
    name = name_of(here.node)
    if name.is_next and name.base in here.system.states:
        yield Change(Kind.STALE, ref(name.base))
    elif name in here.system.states:
        yield Change(Kind.FRESH, ref(name.next))


def _other_name(here: Occurrence) -> Iterator[Change]:
    """A value for another one of its shape; parameters are for whoever maps them."""
    own = name_of(here.node)
    values = (*here.system.inputs, *here.system.states, *here.system.equations)
    if own not in values:
        return
    for name in values:
        same_state = name.state == own.state
        if not same_state and here.shapes[name] == here.shapes[own]:
            yield Change(Kind.OTHER_NAME, ref(name))


# -- arithmetic --------------------------------------------------------------------------------------------------------


def _arithmetic(here: Occurrence) -> Iterator[Change]:
    """u * v ↔ u + v, and the sign of a term"""
    node = here.node
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


def _interpolation(here: Occurrence) -> Iterator[Change]:
    """a * u + b * v → b * u + a * v, whichever factor is the weight"""
    if here.node.op != "add" or any(term.op != "mul" for term in here.node.args):
        return
    (a, u), (b, v) = (term.args for term in here.node.args)
    yield Change(Kind.SWAPPED, Node("add", (Node("mul", (b, u)), Node("mul", (a, v)))))
    yield Change(Kind.SWAPPED, Node("add", (Node("mul", (v, u)), Node("mul", (b, a)))))


def _complement(here: Occurrence) -> Iterator[Change]:
    """1 - z → z, and a factor z → 1 - z"""
    node = here.node
    if node.op == "sub" and build.is_number(node.args[0], 1.0):
        yield Change(Kind.COMPLEMENT, node.args[1])
    elif any(parent.op == "mul" for parent in here.parents) and not here.is_learned(node):
        yield Change(Kind.COMPLEMENT, Node("sub", (number(1.0), node)))


# -- terms and factors -------------------------------------------------------------------------------------------------


def _missing(here: Occurrence) -> Iterator[Change]:
    """u + v → u, u * v → u; the kind depends on the operand that is gone"""
    node = here.node
    if node.op in ("add", "sub", "mul"):
        left, right = node.args
        yield Change(_loss(here, right), left)
        yield Change(_loss(here, left), right if node.op != "sub" else Node("neg", (right,)))
    if node.op == "div":
        yield Change(Kind.MISSING_FACTOR, node.args[0])


def _loss(here: Occurrence, gone: Node) -> Kind:
    roles = {here.system.symbols[name].role for name in names_in(gone) if name in here.system.symbols}
    if gone.op == "ref" and roles == {Role.BIAS}:
        return Kind.MISSING_BIAS
    if here.node.op != "mul":
        return Kind.DEAD if any(role.is_parameter for role in roles) else Kind.MISSING_TERM
    return Kind.DEAD if gone.op == "ref" and any(role.is_parameter for role in roles) else Kind.MISSING_FACTOR


def _dead_columns(here: Occurrence) -> Iterator[Change]:
    """W @ concat(x, h) → W @ concat(x, 0 * h)"""
    if here.node.op != "matmul" or not here.is_learned(here.node.args[0]) or here.node.args[1].op != "concat":
        return
    matrix, operand = here.node.args
    for at, part in enumerate(operand.args):
        parts = (*operand.args[:at], Node("mul", (number(0.0), part)), *operand.args[at + 1 :])
        yield Change(Kind.DEAD, Node("matmul", (matrix, Node("concat", parts))))


def _moved(here: Occurrence) -> Iterator[Change]:
    """W @ (r * h) → r * (W @ h), with a bias inside or without one; and back"""
    node = here.node
    if node.op == "mul":
        yield from (Change(Kind.MOVED, inside) for inside in _inside(here, *node.args))
    if node.op != "matmul" or not here.is_learned(node.args[0]):
        return
    matrix, operand = node.args
    parts = operand.args if operand.op == "concat" else (operand,)
    sizes = [here.sized(part) for part in parts]
    edges = list(itertools.accumulate((size or Size.of(0) for size in sizes), initial=Size.of(0)))
    own = [build.cut(matrix, 1, *ends) if len(parts) > 1 else matrix for ends in itertools.pairwise(edges)]
    rows = here.shapes[name_of(matrix)][:1]
    for at, part in enumerate(parts):
        if None not in sizes and part.op == "mul" and here.sized(part.args[0]) == rows[0]:
            gate, held = part.args
            others = [Node("matmul", (own[i], other)) for i, other in enumerate(parts) if i != at]
            product = Node("matmul", (own[at], held))
            biased = Node("add", (product, ref(EXTRA))), (parameter(EXTRA, Role.BIAS, rows),)
            for inner, more in ((product, ()), biased):
                terms = [*others, Node("mul", (gate, inner))]
                whole = functools.reduce(lambda left, right: Node("add", (left, right)), terms)
                yield Change(Kind.MOVED, whole, more)


def _inside(here: Occurrence, gate: Node, product: Node) -> Iterator[Node]:
    """r * (W @ h + b) with the gate inside, with the bias and without."""
    bias = product.args[1:] if product.op == "add" and name_of(product.args[1]) in here.system.having(Role.BIAS) else ()
    inner = product.args[0] if bias else product
    if inner.op == "matmul" and here.is_learned(inner.args[0]) and here.sized(gate) == here.sized(inner.args[1]):
        moved = Node("matmul", (inner.args[0], Node("mul", (gate, inner.args[1]))))
        yield moved
        yield from (Node("add", (moved, own)) for own in bias)


def _more_bias(here: Occurrence) -> Iterator[Change]:
    """W @ v without a bias → W @ v + b; and one for a whole equation"""
    node = here.node
    layer = is_layer(here.system, node)
    if (layer and not has_bias(here.system, here.parents)) or (not here.parents and node.op != "ref"):
        shape = (here.shapes[name_of(node.args[0])][0],) if layer else here.shape
        yield Change(Kind.MORE_BIAS, Node("add", (node, ref(EXTRA))), (parameter(EXTRA, Role.BIAS, shape),))


def _more_layer(here: Occurrence) -> Iterator[Change]:
    """x as it is → W @ x, or W @ x + b"""
    name = name_of(here.node)
    bare = all(parent.op not in ("matmul", "concat", "dot", "outer") for parent in here.parents)
    if name in here.system.inputs and bare and len(here.shapes[name]) == 1:
        (size,) = here.shapes[name]
        matrix, bias = parameter("W_extra", Role.WEIGHT, (size, size)), parameter(EXTRA, Role.BIAS, (size,))
        product = Node("matmul", (ref(matrix.name), here.node))
        yield Change(Kind.MORE_LAYER, product, (matrix,))
        yield Change(Kind.MORE_LAYER, Node("add", (product, ref(EXTRA))), (matrix, bias))


RULES: tuple[Rule, ...] = (
    _other_time,
    _arithmetic,
    _interpolation,
    activation,
    _missing,
    _dead_columns,
    _more_bias,
    _more_layer,
    _complement,
    _moved,
    _other_name,
)
