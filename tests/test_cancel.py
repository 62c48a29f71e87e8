"""Terms of a derivative that cancel are not computed, and no others go."""

import numpy as np
import pytest
from helpers import CELLS

from lstmspec import oracle
from lstmspec.checker import shapes_within
from lstmspec.grad import cancelled
from lstmspec.nodes import Node, number, ref, subnodes
from lstmspec.ops import build as b
from lstmspec.procedure import Model, procedures
from lstmspec.sizes import Size

K = Size.of("k")
SHAPES = {"u": (K,), "v": (K,), "w": (K,), "s": ()}
U, V, W, S = map(ref, SHAPES)
SUM, CUMSUM = (lambda node: Node("sum", (node,))), (lambda node: Node("cumsum", (node,)))


def shape_of(node):
    return shapes_within(node, SHAPES)[node]


def short(node):
    return cancelled(node, shape_of)


def add(*terms):
    """A sum as it is written: the constructors that simplify would hide what is tried here."""
    left, *rest = terms
    for term in rest:
        left = Node("add", (left, term))
    return left


def neg(node):
    return Node("neg", (node,))


def sub(left, right):
    return Node("sub", (left, right))


D = sub(U, V)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (add(U, V, neg(U)), V),
        (sub(sub(U, V), sub(U, W)), b.sub(W, V)),
        (add(SUM(D), neg(CUMSUM(D)), D, SUM(sub(V, U)), neg(D)), neg(CUMSUM(D))),
        (add(U, neg(SUM(D)), neg(SUM(sub(V, U)))), U),
        (b.mul(W, add(U, V, neg(V))), b.mul(W, U)),
        (sub(U, U), b.zeros(K)),
        (sub(S, S), number(0.0)),
        (add(U, S, neg(U)), b.spread(S, (K,))),
        (add(U, U, neg(U)), U),
        (add(neg(U), neg(V), U), neg(V)),
    ],
    ids=str,
)
def test_terms_and_their_negatives_go(node, expected):
    assert short(node) == expected and shape_of(short(node)) == shape_of(node)
    values = {name: np.random.default_rng(3).normal(size=[5] * len(shape)) for name, shape in SHAPES.items()}
    np.testing.assert_allclose(oracle.evaluate(short(node), values, {"k": 5}), oracle.evaluate(node, values, {"k": 5}))


@pytest.mark.parametrize(
    "node", [add(U, V), sub(U, V), add(U, U), neg(U), add(SUM(D), CUMSUM(sub(V, U))), sub(b.mul(U, V), b.mul(V, W))]
)
def test_what_has_no_opposite_stays_as_it_is(node):
    assert short(node) is node


def test_a_sum_that_is_read_twice_at_each_level_takes_no_longer():
    """2^60 terms, none of which is there."""
    node = U
    for level in range(60):
        node = add(node, b.mul(number(level + 2.0), node), node)
    assert short(node) is node


def test_long_sums_need_no_recursion():
    terms = [b.mul(number(float(at)), U) for at in range(3000)]
    assert short(add(V, *terms, neg(V))) == add(*terms)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
def test_no_pass_of_a_built_in_cell_takes_a_value_from_itself(cell):
    lines = [line.label.expr for procedure in procedures(Model(cell.system)) for line in procedure.assignments]
    assert lines
    assert not [node for line in lines for node in subnodes(line) if node.op == "sub" and node.args[0] == node.args[1]]
