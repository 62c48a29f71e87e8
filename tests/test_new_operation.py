"""An operation that is added at run time: a row, and a word a backend; every stage knows it by these."""

from dataclasses import replace

import numpy as np
import pytest
import sympy

from lstmspec import Cell, Input, SpecError, State, affine, check, dims, elementwise, lint
from lstmspec.emit import BACKENDS, drafted, generate
from lstmspec.emit.arrays import PRODUCT, UNARY, Word, call
from lstmspec.grad import adjoint
from lstmspec.nodes import Name, Node, ref, text
from lstmspec.ops import TABLE, Interval, elementwise_row, user
from lstmspec.oracle import evaluate
from lstmspec.proofs import findings, verify
from lstmspec.symbolic import sympy_equation

n, k = dims("n k")
ROWS = {
    "arctan": lambda: elementwise_row(
        "arctan", "u", sympy.atan, np.arctan, doc="The inverse tangent, elementwise.",
        bounds=lambda u: Interval(-np.pi / 2, np.pi / 2),
    ),
    "sigmoid2": lambda: elementwise_row(
        "sigmoid2", "u", None, lambda u: 1 / (1 + np.exp(-2 * u)),
        definition=lambda u: 1 / (1 + sympy.exp(-2 * u)), doc="1 / (1 + exp(-2u)), elementwise.",
        bounds=lambda u: Interval(0.0, 1.0),
    ),
}  # fmt: skip
WORDS = {
    "arctan": {"numpy": call("np.arctan"), "torch": call("torch.atan")},
    "sigmoid2": {
        "numpy": Word("1 / (1 + np.exp(-2 * {}))", PRODUCT, (UNARY,)),
        "torch": Word("torch.sigmoid(2 * {})", levels=(UNARY,)),
    },
}


@pytest.fixture(params=ROWS)
def name(request):
    """An operation that is in the table, with its words, as long as the test runs."""
    ROWS[request.param]()
    for backend in BACKENDS:
        backend.spell(request.param, WORDS[request.param][backend.name])
    yield request.param
    del TABLE[request.param]
    for backend in BACKENDS:
        del backend.spelling.elementwise[request.param]


@pytest.fixture
def cell(name):
    function = getattr(user, name)

    class Mine(Cell):
        x, h = Input(n), State(k)
        f = function(affine(x, h))
        h.next = f * h + (1 - f) * function(affine(x)) * function(h)

    return Mine


def test_the_table_has_no_such_row_otherwise():
    assert not ROWS.keys() & TABLE.keys()
    with pytest.raises(AttributeError, match="arctan"):
        user.arctan  # noqa: B018


def test_users_reach_it(name):
    function = getattr(user, name)
    assert name in user.functions() and function.__name__ == name and function.__doc__.endswith("elementwise.")
    assert text(function(ref("a"))) == f"{name}(a)"


def test_the_checker_and_the_lints_know_it(cell, name):
    assert check(cell).diagnostics == () and [str(size) for size in check(cell)["f"]] == ["k"]
    assert lint(cell) == ()
    row = TABLE[name]
    TABLE[name] = replace(row, bounds=None)  # then nobody knows that f is a gate
    assert {finding.code.name for finding in lint(cell)} == {"LS306"}
    TABLE[name] = row


def test_the_adjoint_has_its_derivative(cell, name):
    h = Name("h")
    derived = adjoint(cell.system, {h.next.upstream(): h.next}, cell.system.parameters)
    expressions = " ".join(text(equation.expr) for equation in derived.equations.values())
    assert {"arctan": "1 + ", "sigmoid2": "exp("}[name] in expressions


def test_sympy_and_the_oracle_know_it(cell, name):
    node = Node(name, (ref("u"),))
    value = float(evaluate(node, {"u": np.float64(0.3)}, {}))
    expected = {"arctan": np.arctan(0.3), "sigmoid2": 1 / (1 + np.exp(-0.6))}[name]
    assert value == pytest.approx(expected, rel=1e-15)
    equation = sympy_equation(cell.system.equations["f"], check(cell).of)
    assert {"arctan": "atan", "sigmoid2": "sigmoid2"}[name] in str(equation)


def test_it_stands_inside_functions_that_users_write(name):
    function = getattr(user, name)
    twice = elementwise(lambda u: function(2 * u))
    value = evaluate(twice(ref("u")), {"u": np.float64(0.15)}, {})
    assert float(value) == pytest.approx(float(evaluate(Node(name, (ref("u"),)), {"u": np.float64(0.3)}, {})), 1e-15)


def test_models_of_every_backend_compute_it(cell):
    proof = verify(cell, quick=True)
    assert findings(proof) == () and {outcome.model for outcome in proof.outcomes} == {b.title for b in BACKENDS}


def test_a_wrong_derivative_is_found():
    elementwise_row("cubed", "u", lambda u: u**3, lambda u: u**3, partial=lambda node, _: node.args[0])
    for backend in BACKENDS:
        backend.spell("cubed", Word("{0} * {0} * {0}", PRODUCT, (UNARY,)))
    try:

        class Wrong(Cell):
            x, h = Input(n), State(k)
            h.next = Node("cubed", (affine(x, h),))

        found = findings(verify(Wrong, quick=True))
        assert {finding.code.name for finding in found} == {"LS501"} and "backward" in found[0].message
    finally:
        del TABLE["cubed"]
        for backend in BACKENDS:
            del backend.spelling.elementwise["cubed"]


def test_a_backend_without_a_word_for_it_says_so(cell, name):
    for backend in BACKENDS:
        word = backend.spelling.elementwise.pop(name)
        with pytest.raises(Exception, match=rf"LS212.*{name}"):
            drafted([cell.system], [backend])
        backend.spell(name, word)


def test_a_missing_word_is_a_finding_with_the_equation_and_its_place(cell, name):
    """LS212 stands where the operation was written."""
    backend = BACKENDS[0]
    word = backend.spelling.elementwise.pop(name)
    with pytest.raises(SpecError) as error:
        generate([cell.system])
    backend.spell(name, word)
    (finding,) = error.value.diagnostics
    assert (finding.code.name, finding.cell, finding.equation) == ("LS212", "Mine", "f")
    assert finding.message == f"a model cannot be generated: {backend.title} has no word for `{name}`"
    assert finding.site.place.source.strip() == "f = function(affine(x, h))"
