"""Every row of the table of operations: shape, derivative, evaluation, SymPy form, and its words in each backend."""

import numpy as np
import pytest
import sympy
from sympy_values import Reader

from lstmspec import elementwise, exp, oracle, sigmoid, sqrt
from lstmspec.checker import shapes_within
from lstmspec.emit import BACKENDS
from lstmspec.emit.arrays import STRUCTURAL, ArrayBackend
from lstmspec.nodes import Node, number, ref, text
from lstmspec.ops import TABLE, partial_derivative
from lstmspec.ops import build as b
from lstmspec.ops._op import register
from lstmspec.ops._scalar import argument
from lstmspec.sizes import Size
from lstmspec.symbolic import sympy_expression

SIZES = {"n": 3, "k": 5, "d": 7}
N, K, D = (Size.of(name) for name in SIZES)
NAMES = {
    "u": (K,), "v": (K,), "x": (N,), "w": (N + K,), "s": (), "t": (),
    "A": (K, N), "B": (N, D), "C": (K, N), "S": (K, K), "e": (), "p": (K,), "g": (K * D,),
}  # fmt: skip
u, v, x, w, s, t, A, B, C, S, e, p, g = (ref(name) for name in NAMES)  # e and p are conditions
ZERO, STEP = Size.of(0), 1e-30


def over(op, *operands):
    return [Node(op, args) for args in operands]


UNARY = [(u,), (s,), (A,)]
BINARY = [(u, v), (s, u), (u, s), (A, C), (A, s), (s, t)]
SAMPLES = {
    **{op: over(op, *UNARY) for op in (
        "neg", "sigmoid", "relu", "softplus", "log_sigmoid", "hard_sigmoid", "softsign", "tanh", "exp", "log", "sqrt",
        "sin", "cos", "abs", "sign", "heaviside", "floor",
    )},
    **{op: over(op, *BINARY) for op in (
        "add", "sub", "mul", "div", "pow", "maximum", "minimum", "less", "less_equal", "mod",
    )},
    **{op: over(op, (u,), (w,)) for op in ("softmax", "cumsum", "mean")},
    "repeat": [Node("repeat", (u,), (D,)), Node("repeat", (x,), (K + N,))],
    "fold": [Node("fold", (g,), (D,)), Node("fold", (g,), (K,))],
    "size": [Node("size", (), (K,)), Node("size", (), (N + K,))],
    "where": over("where", (p, u, v), (e, u, v), (p, s, u), (p, u, s), (p, s, t), (e, s, t), (e, A, s)),
    "elementwise": [
        elementwise(lambda a: a * sigmoid(a))(u),
        elementwise(lambda a, b: sympy.Piecewise((a**3 * b, a < b), (sympy.sin(a) / (2 + b**2), True)))(u, v),
        elementwise(lambda a, b: sympy.exp(-(a**2)) * sympy.Max(a, b))(s, u),
        elementwise(lambda a: sympy.Max(a, a**2 - 1, sympy.S.Half) / sqrt(2))(u),
        elementwise(lambda a, b: sympy.Min(a, b, sqrt(a**2 + exp(1))))(u, v),
        elementwise(lambda a, b: sympy.Piecewise((a, sympy.Eq(a, b)), (b * a**2, sympy.Ne(a, 0)), (1, True)))(u, v),
    ],
    "matmul": over("matmul", (A, x), (A, B)),
    "transpose": over("transpose", (A,)),
    "concat": over("concat", (u, x, v), (A, C), (x,)),
    "slice": [Node("slice", (w,), (0, K, K + N)), Node("slice", (B,), (0, ZERO, N)), Node("slice", (B,), (1, ZERO, D))],
    "pad": [Node("pad", (x,), (0, K, K + N, K + N + D)), Node("pad", (A,), (1, ZERO, N, N + D))],
    "outer": over("outer", (u, x)),
    "dot": over("dot", (u, v)),
    "sum": over("sum", (u,), (A,), (s,)),
    "spread": [Node("spread", (s,), (K,)), Node("spread", (s,), (K, N))],
    "diag": over("diag", (u,)),
    "diagonal": over("diagonal", (S,)),
    "ones": [Node("ones", (), (K,)), Node("ones", (), (K, N))],
    "zeros": [Node("zeros", (), (K + N,)), Node("zeros", (), (N, K))],
}  # fmt: skip
EACH = [pytest.param(node, id=text(node)) for nodes in SAMPLES.values() for node in nodes]
POSITIVE = {"log", "sqrt", "pow"}
PIECEWISE_CONSTANT = {"sign", "heaviside", "floor", "less", "less_equal"}


def values_for(op):
    """A value for every name; of both signs and on all branches where the operation allows it."""
    rng = np.random.default_rng(17)
    drawn = {name: np.asarray(3 * rng.normal(size=[size.at(SIZES) for size in NAMES[name]])) for name in NAMES}
    drawn = {name: np.asarray(np.abs(value) + 0.1) for name, value in drawn.items()} if op in POSITIVE else drawn
    return drawn | {"e": np.asarray(True), "p": drawn["v"] > drawn["u"]}


def vjp_agrees(node, cotangents, values):
    """Each cotangent against a complex step in its operand; None stands for zero. Raises AssertionError."""
    answer = oracle.evaluate(node, values, SIZES)
    ct = np.random.default_rng(23).normal(size=answer.shape)
    known = values | {"ans": answer, "ct": ct}
    for arg, cotangent in zip(node.args, cotangents, strict=True):
        if arg in (e, p):
            assert cotangent is None
            continue
        at = values[arg.name]
        exact = np.zeros(at.shape)
        for index in np.ndindex(at.shape):
            stepped = at.astype(complex)
            stepped[index] += 1j * STEP
            moved = oracle.evaluate(node, values | {arg.name: stepped}, SIZES)
            exact[index] = np.sum(ct * np.imag(moved)) / STEP
        got = np.zeros(at.shape) if cotangent is None else oracle.evaluate(cotangent, known, SIZES)
        assert got.shape == at.shape
        np.testing.assert_allclose(got, exact, rtol=1e-12, atol=1e-12)


def pulled_back(node):
    """The node's rule, applied to names: `ans` is the result and `ct` its cotangent."""
    shape = shapes_within(node, NAMES)[node]
    names = {**NAMES, "ans": shape, "ct": shape}
    known = {}

    def shape_of(part):
        return known.setdefault(part, shapes_within(part, names)[part])

    return TABLE[node.op].vjp(node, ref("ans"), ref("ct"), shape_of)


# -- rows --------------------------------------------------------------------------------------------------------------


def test_every_row_has_a_sample():
    assert set(SAMPLES) == set(TABLE)
    assert all(nodes and all(node.op == op for node in nodes) for op, nodes in SAMPLES.items())


def test_a_row_cannot_be_registered_twice():
    before = dict(TABLE)
    with pytest.raises(ValueError, match="operation 'tanh' is registered twice"):
        register(TABLE["tanh"])
    assert before == TABLE


@pytest.mark.parametrize("node", EACH)
def test_the_shape_rule_gives_the_shape_of_the_value(node):
    shape = shapes_within(node, NAMES)[node]
    assert oracle.evaluate(node, values_for(node.op), SIZES).shape == tuple(size.at(SIZES) for size in shape)
    assert TABLE[node.op].arity in (None, len(node.args))


@pytest.mark.parametrize("node", EACH)
def test_the_derivative_is_that_of_complex_steps(node):
    cotangents = pulled_back(node)
    if node.args:
        vjp_agrees(node, cotangents, values_for(node.op))
    else:
        assert list(cotangents) == []


@pytest.mark.parametrize("node", EACH)
def test_the_sympy_form_has_the_shape_of_the_rule(node):
    shape = shapes_within(node, NAMES)[node]
    expr = sympy_expression(node, NAMES)
    assert isinstance(expr, sympy.Basic)
    assert bool(expr.is_Matrix) == bool(shape)
    if shape:
        dims = {sympy.Symbol(name, integer=True, positive=True): size for name, size in SIZES.items()}
        expected = [size.at(SIZES) for size in shape] + ([1] if len(shape) == 1 else [])
        assert [sympy.sympify(size).subs(dims) for size in expr.shape] == expected


@pytest.mark.parametrize("node", EACH)
def test_the_sympy_form_has_the_value_of_the_row(node):
    values = values_for(node.op)
    expected = oracle.evaluate(node, values, SIZES)
    got = np.asarray(Reader(values, SIZES)(sympy_expression(node, NAMES)))
    assert got.shape == (expected.shape if expected.ndim != 1 else (*expected.shape, 1))
    np.testing.assert_allclose(got.reshape(expected.shape), expected, rtol=1e-12, atol=1e-14)


# -- partial derivatives of scalar functions ---------------------------------------------------------------------------

SCALAR = [op for op in TABLE if TABLE[op].scalar is not None and op not in {*PIECEWISE_CONSTANT, "where", "mod"}]
# (SymPy 1.14 does not come to an end with the derivative of Mod; the complex step above decides on ours.)


def partials_agree(op, factors, values):
    """Each partial derivative, over the operands and the result, against SymPy's of the definition. Raises."""
    row = TABLE[op]
    definition = row.definition or row.scalar
    node = Node(op, (u, v)[: row.arity])
    known = values | {"ans": oracle.evaluate(node, values, SIZES)}
    symbols = [argument(index) for index in range(len(node.args))]
    for symbol, factor in zip(symbols, factors, strict=True):
        derivative = sympy.diff(definition(*symbols), symbol)
        points = zip(*(values[arg.name] for arg in node.args), strict=True)
        exact = [float(derivative.subs(dict(zip(symbols, map(float, point), strict=True))).evalf()) for point in points]
        got = np.broadcast_to(oracle.evaluate(factor, known, SIZES), len(exact))
        np.testing.assert_allclose(got, exact, rtol=1e-12, atol=1e-12)


def factors_of(op):
    node = Node(op, (u, v)[: TABLE[op].arity])
    return [partial_derivative(node, index, ref("ans")) for index in range(len(node.args))]


@pytest.mark.parametrize("op", SCALAR)
def test_partial_derivatives_are_those_of_sympy(op):
    partials_agree(op, factors_of(op), values_for(op))


@pytest.mark.parametrize(
    ("op", "derivative"),
    [
        ("sigmoid", "ans * (1 - ans)"), ("tanh", "1 - ans**2"), ("exp", "ans"), ("softplus", "sigmoid(u)"),
        ("log_sigmoid", "sigmoid(-u)"), ("abs", "sign(u)"), ("log", "1 / u"),
    ],
)  # fmt: skip
def test_derivatives_are_written_in_terms_of_the_result_or_of_an_operation(op, derivative):
    assert [text(factor) for factor in factors_of(op)] == [derivative]


@pytest.mark.parametrize(("op", "at_tie"), [("maximum", 0.5), ("minimum", 0.5)])
def test_a_tie_is_shared(op, at_tie):
    values = {"u": np.full(5, 2.0), "v": np.full(5, 2.0), "ct": np.arange(5.0)}
    for cotangent in pulled_back(Node(op, (u, v))):
        np.testing.assert_array_equal(oracle.evaluate(cotangent, values, SIZES), at_tie * values["ct"])


@pytest.mark.parametrize(("op", "at_zero"), [("relu", 0.0), ("abs", 0.0), ("softsign", 1.0)])
def test_derivatives_at_a_kink_are_those_of_pytorch(op, at_zero):
    values = {"u": np.zeros(5), "ct": np.ones(5), "ans": np.zeros(5)}
    (cotangent,) = pulled_back(Node(op, (u,)))
    np.testing.assert_array_equal(oracle.evaluate(cotangent, values, SIZES), np.full(5, at_zero))


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "softplus", "log_sigmoid", "hard_sigmoid", "softsign", "relu"])
def test_values_and_derivatives_of_large_arguments_do_not_overflow(op):
    values = {"u": np.array([-1e3, -50.0, 0.0, 50.0, 1e3]), "ct": np.ones(5)}
    values["ans"] = oracle.evaluate(Node(op, (u,)), values, SIZES)
    (cotangent,) = pulled_back(Node(op, (u,)))
    assert np.isfinite(values["ans"]).all()
    assert np.isfinite(oracle.evaluate(cotangent, values, SIZES)).all()


# -- words in each backend ---------------------------------------------------------------------------------------------


OF_ARRAYS = [backend for backend in BACKENDS if isinstance(backend, ArrayBackend)]
LOWERED = {
    "elementwise",
    "matmul",
    "outer",
    "dot",
    "ones",
    "zeros",
    "size",
}  # what procedures have nodes of their own for


@pytest.mark.parametrize("backend", OF_ARRAYS, ids=lambda backend: backend.name)
def test_every_row_has_words_or_a_rule_in_each_backend(backend):
    words, features, rows = set(backend.spelling.elementwise), set(backend.spelling.features), set(TABLE) - LOWERED
    assert rows == words | features | set(STRUCTURAL)
    assert len(rows) == len(words) + len(features) + len(STRUCTURAL)
    assert {op for op in TABLE if TABLE[op].scalar is not None} <= words
    for op, entry in backend.spelling.elementwise.items():
        assert len(entry.levels) == TABLE[op].arity, op


# -- planted faults: the comparators refuse ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "change"),
    [
        (SAMPLES["mul"][0], lambda rule: rule[::-1]),
        (SAMPLES["mul"][1], lambda rule: [ref("ct") * s, rule[1]]),
        (SAMPLES["sigmoid"][0], lambda rule: [ref("ct") * ref("ans")]),
        (SAMPLES["sub"][0], lambda rule: [rule[0], ref("ct")]),
        (SAMPLES["matmul"][1], lambda rule: [rule[0], rule[1] * 2.001]),
        (SAMPLES["maximum"][0], lambda rule: [rule[0], None]),
        (SAMPLES["concat"][0], lambda rule: [rule[2], rule[1], rule[0]]),
        (SAMPLES["pad"][0], lambda rule: [Node("slice", (ref("ct"),), (0, ZERO, N))]),
    ],
)
def test_the_comparator_of_derivatives_refuses_a_planted_fault(node, change):
    rule = list(pulled_back(node))
    vjp_agrees(node, rule, values_for(node.op))
    with pytest.raises(AssertionError):
        vjp_agrees(node, change(rule), values_for(node.op))


def test_the_comparator_of_partial_derivatives_refuses_a_planted_fault():
    for op, wrong in (("tanh", [number(1.0) - ref("ans")]), ("div", factors_of("div")[::-1])):
        with pytest.raises(AssertionError):
            partials_agree(op, wrong, values_for(op))


@pytest.mark.parametrize("operation", [b.add, b.sub, b.mul])
def test_numbers_that_are_too_large_together_stay_apart(operation):
    left, right = number(1e308), number(1.5e308 if operation is not b.sub else -1.5e308)
    assert {*operation(left, right).args} == {left, right}
    assert operation(number(2.0), number(3.0)).op == "number"
