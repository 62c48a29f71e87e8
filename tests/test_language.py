"""The language: what design.md promises runs as written and means what it says."""

from math import prod

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

import lstmspec as ls
from lstmspec import Cell, Code, Input, SpecError, State, Weight, affine, concat, dims, oracle, sigmoid, tanh
from lstmspec.cli._load import builtin_cells
from lstmspec.nodes import text

n, k, d = dims("n k d")
SIZES = {"n": 3, "k": 5, "d": 7}
rng = np.random.default_rng(11)


class LSTM(Cell):
    """Long short-term memory with a forget gate (Gers et al., 2000)."""

    x = Input(n)
    h, c = State(k), State(k)

    f = sigmoid(affine(x, h))
    i = sigmoid(affine(x, h))
    g = tanh(affine(x, h))
    o = sigmoid(affine(x, h))

    c.next = f * c + i * g
    h.next = o * tanh(c.next)


class CIFG(LSTM):
    """Coupled input and forget gates (Greff et al., 2017): a variant is a diff."""

    f = 1 - LSTM.i


class Peephole(LSTM):
    """The gates look at the cell state; the output gate at the new one (Gers & Schmidhuber, 2000)."""

    p_f, p_i, p_o = Weight(k), Weight(k), Weight(k)
    f = sigmoid(affine(LSTM.x, LSTM.h) + p_f * LSTM.c)
    i = sigmoid(affine(LSTM.x, LSTM.h) + p_i * LSTM.c)
    o = sigmoid(affine(LSTM.x, LSTM.h) + p_o * LSTM.c.next)


def shapes(cell):
    table = cell.shapes.require().of
    return {name: tuple(str(size) for size in table[name]) for name in table}


def parameters(cell):
    return {name: shape for name, shape in shapes(cell).items() if name in cell.system.parameters}


def gates(names, biases=True):
    each = [{f"W_{g}": ("k", "n+k")} | ({f"b_{g}": ("k",)} if biases else {}) for g in names]
    return {name: shape for one in each for name, shape in one.items()}


def written(cell, name):
    return text(cell.equations[name].expr)


def numbers(cell):
    """Random values for every symbol of a cell."""
    table = cell.shapes.require().of
    return {name: rng.normal(size=[size.at(SIZES) for size in table[name]]) for name in cell.system.symbols}


# -- the cells of design.md --------------------------------------------------------------------------------------------


def test_lstm_has_its_equations_in_order_and_its_parameters_with_shapes():
    assert list(LSTM.equations) == ["f", "i", "g", "o", "c.next", "h.next"]
    assert parameters(LSTM) == gates("figo")
    assert (LSTM.system.inputs, LSTM.system.states, LSTM.system.output) == (("x",), ("h", "c"), "h.next")
    assert [str(equation) for equation in LSTM.equations.values()] == [
        "f = sigmoid(W_f @ concat(x, h) + b_f)",
        "i = sigmoid(W_i @ concat(x, h) + b_i)",
        "g = tanh(W_g @ concat(x, h) + b_g)",
        "o = sigmoid(W_o @ concat(x, h) + b_o)",
        "c.next = f * c + i * g",
        "h.next = o * tanh(c.next)",
    ]


def test_cifg_has_no_forget_gate_of_its_own():
    assert parameters(CIFG) == gates("igo")
    assert list(CIFG.equations) == list(LSTM.equations)
    assert str(CIFG.equations["f"]) == "f = 1 - i"
    assert written(CIFG, "c.next") == written(LSTM, "c.next")


def test_peephole_adds_three_vectors_and_reads_the_new_cell_state():
    assert parameters(Peephole) == gates("figo") | {"p_f": ("k",), "p_i": ("k",), "p_o": ("k",)}
    assert written(Peephole, "f") == "sigmoid(W_f @ concat(x, h) + b_f + p_f * c)"
    assert written(Peephole, "o") == "sigmoid(W_o @ concat(x, h) + b_o + p_o * c.next)"


def test_a_variant_changes_nothing_in_its_base():
    assert parameters(LSTM) == gates("figo")
    assert CIFG.system.name == "CIFG"
    assert LSTM.system.name == "LSTM"
    assert LSTM.system.doc == "Long short-term memory with a forget gate (Gers et al., 2000)."


# -- dense layers ------------------------------------------------------------------------------------------------------


def test_the_explicit_form_equals_affine():
    class Explicit(Cell):
        x, h = Input(n), State(k)
        W, b = Weight(k, n + k), ls.Bias(k)
        h.next = tanh(W @ concat(x, h) + b)

    class Short(Cell):
        x, h = Input(n), State(k)
        h.next = tanh(affine(x, h))

    assert parameters(Explicit) == {"W": ("k", "n+k"), "b": ("k",)}
    assert parameters(Short) == {"W_h": ("k", "n+k"), "b_h": ("k",)}
    assert written(Explicit, "h.next").replace("W ", "W_h ").replace("+ b", "+ b_h") == written(Short, "h.next")


def test_names_of_layers_one_several_by_hand_and_without_bias():
    class Layers(Cell):
        x, h, c = Input(n), State(k), State(d)
        f = sigmoid(affine(x) * affine(h, bias=False))
        g = tanh(affine(x, name="a") + ls.linear(h, name="u"))
        mixed = affine(x, name="m") + ls.linear(h)
        c.next = tanh(ls.linear(x, h))
        h.next = f * g + mixed

    assert parameters(Layers) == {
        "W_f1": ("k", "n"), "b_f1": ("k",), "W_f2": ("k", "k"),
        "W_a": ("k", "n"), "b_a": ("k",), "W_u": ("k", "k"),
        "W_m": ("k", "n"), "b_m": ("k",), "W_mixed": ("k", "k"),
        "W_c": ("d", "n+k"),
    }  # fmt: skip
    assert written(Layers, "g") == "tanh(W_a @ x + b_a + W_u @ h)"


def test_two_layers_that_read_alike_are_two():
    class Twice(Cell):
        x, h = Input(n), State(k)
        f = sigmoid(affine(x)) * sigmoid(affine(x))
        h.next = f * h

    assert written(Twice, "f") == "sigmoid(W_f1 @ x + b_f1) * sigmoid(W_f2 @ x + b_f2)"
    assert list(parameters(Twice)) == ["W_f1", "b_f1", "W_f2", "b_f2"]


# -- declarations ------------------------------------------------------------------------------------------------------


def test_output_is_what_the_cell_emits_and_the_first_state_by_default():
    class Emits(Cell):
        x, h = Input(n), State(k)
        y = ls.Output(affine(h))
        w = Weight(d)
        e = ls.dot(w, y)
        h.next = tanh(affine(x, h)) * e

    assert Emits.system.output == "y"
    assert shapes(Emits)["y"] == ("d",)
    assert LSTM.system.output == "h.next"


def test_constants_and_initial_values_are_kept():
    class Leaky(Cell):
        x, h = Input(n), State(k)
        beta = ls.Constant(0.25)
        W, b = Weight(k, n, init=0.5), ls.Bias(k, init=1)
        h.next = beta * h + (1 - beta) * tanh(W @ x + b)

    values = {name: symbol.value for name, symbol in Leaky.system.symbols.items()}
    assert values == {"x": None, "h": None, "beta": 0.25, "W": None, "b": None}
    assert [str(Leaky.system.symbols[name].initial) for name in ("W", "b")] == ["0.5", "1.0"]
    assert shapes(Leaky)["beta"] == ()
    names = {name: value for name, value in numbers(Leaky).items() if name != "beta"}
    new = oracle.step(Leaky.system, names, SIZES)["h.next"]
    expected = 0.25 * names["h"] + 0.75 * np.tanh(names["W"] @ names["x"] + names["b"])
    np.testing.assert_allclose(new, expected, rtol=1e-14)


def test_scalars_are_declared_and_broadcast():
    class Scalars(Cell):
        t, x = Input(()), Input(n)
        s, h = State(()), State(k)
        w, b, v = Weight(()), ls.Bias(()), Weight(n)
        s.next = sigmoid(w * t + ls.dot(v, x) + b) * s
        h.next = s.next * tanh(affine(x, h))

    assert {shapes(Scalars)[name] for name in ("t", "s", "w", "b", "s.next")} == {()}
    assert shapes(Scalars)["h.next"] == ("k",)


def test_matrix_states_products_slices_and_transposes():
    class Memory(Cell):
        x = Input(n)
        M, h = State(d, d), State(k)
        W = Weight(2 * d, n + k)
        both = tanh(W @ concat(x, h))
        q, v = ls.split(both, d, d)
        last = ls.identity(both)[d : 2 * d]
        M.next = M + ls.outer(v, q)
        h.next = tanh(ls.linear(M.next.T @ q + last) * h)

    assert {name: shapes(Memory)[name] for name in ("M.next", "both", "q", "v", "last", "h.next", "W_h")} == {
        "M.next": ("d", "d"), "both": ("2*d",), "q": ("d",), "v": ("d",), "last": ("d",), "h.next": ("k",),
        "W_h": ("k", "d"),
    }  # fmt: skip
    names = numbers(Memory)
    values = oracle.step(Memory.system, names, SIZES)
    np.testing.assert_allclose(values["M.next"], names["M"] + values["v"][:, None] * values["q"], rtol=1e-14)
    assert [values[name].shape for name in ("q", "v", "last")] == [(7,)] * 3


def test_any_scalar_function_and_choices():
    swish = ls.elementwise(lambda u: u * sigmoid(u))

    class Swish(Cell):
        x, h = Input(n), State(k)
        a = affine(x, h)
        h.next = ls.where(a < 0, swish(a), a)

    names = numbers(Swish)
    values = oracle.step(Swish.system, names, SIZES)
    a = values["a"]
    np.testing.assert_allclose(values["h.next"], np.where(a < 0, a / (1 + np.exp(-a)), a), rtol=1e-14)


# -- variants and finished classes -------------------------------------------------------------------------------------


def test_a_state_is_redefined_by_declaring_it_again():
    class Wide(LSTM):
        c = State(k)
        c.next = LSTM.f * c + LSTM.i

    assert list(Wide.equations) == ["f", "i", "o", "h.next", "c.next"]  # nothing reads g any more
    assert "W_g" not in Wide.system.symbols
    assert written(Wide, "c.next") == "f * c + i"
    assert written(LSTM, "c.next") == "f * c + i * g"


@pytest.mark.parametrize(
    "change",
    [
        lambda: setattr(LSTM, "f", 1),
        lambda: setattr(LSTM, "new", tanh(LSTM.c)),
        lambda: setattr(LSTM.c, "next", LSTM.h),
        lambda: delattr(LSTM, "f"),
    ],
)
def test_a_finished_class_is_immutable(change):
    before = LSTM.system
    with pytest.raises(SpecError) as error:
        change()
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [Code.LS209]
    assert "cell `LSTM` is finished" in str(error.value)
    assert LSTM.system is before


def test_a_cell_is_not_called():
    with pytest.raises(SpecError, match="`LSTM` is a specification, not a model"):
        LSTM(n=3, k=5)


# -- SymPy -------------------------------------------------------------------------------------------------------------


def value(expr, names):
    """The value of a SymPy matrix expression: a small recursive evaluator, two-dimensional arrays throughout."""
    if expr.is_Number:
        return np.array([[float(expr)]])
    if isinstance(expr, sympy.MatrixSymbol):
        return names[expr.name].reshape(names[expr.name].shape[0], -1)
    if isinstance(expr, sympy.OneMatrix):
        sizes = {symbol: SIZES[symbol.name] for symbol in expr.free_symbols}
        return np.ones([int(size.subs(sizes)) for size in expr.shape])
    if isinstance(expr, ElementwiseApplyFunction):
        function = sympy.lambdify(expr.function.variables, expr.function.expr.rewrite(sympy.exp), "numpy")
        return function(value(expr.expr, names))
    args = [value(arg, names) for arg in (expr.blocks.flat() if isinstance(expr, sympy.BlockMatrix) else expr.args)]
    if isinstance(expr, sympy.BlockMatrix):
        return np.concatenate(args)
    if isinstance(expr, sympy.MatAdd):
        return sum(args[1:], args[0])
    if isinstance(expr, sympy.HadamardProduct):
        return prod(args[1:], start=args[0])
    assert isinstance(expr, sympy.MatMul), type(expr)
    scalar = prod(arg.item() for arg in args if arg.shape == (1, 1))
    matrices = [arg for arg in args if arg.shape != (1, 1)]
    return scalar * (matrices[0] if len(matrices) == 1 else np.linalg.multi_dot(matrices))


def test_equations_are_unevaluated_sympy_in_the_order_declared():
    symbols = {
        name: sympy.MatrixSymbol(name, k, 1) for name in ("f", "i", "g", "o", "c", "h", "b_f", "c.next", "h.next")
    }
    W, x = sympy.MatrixSymbol("W_f", k, n + k), sympy.MatrixSymbol("x", n, 1)
    forget = LSTM.equations["f"].sympy
    assert isinstance(forget, sympy.Eq)
    assert forget.lhs == symbols["f"]
    assert isinstance(forget.rhs, ElementwiseApplyFunction)
    product, bias = forget.rhs.expr.args
    assert product == sympy.MatMul(W, sympy.BlockMatrix([[x], [symbols["h"]]]), evaluate=False)
    assert bias == symbols["b_f"]
    first, second = LSTM.equations["c.next"].sympy.rhs.args
    assert (first.func, first.args) == (sympy.HadamardProduct, (symbols["f"], symbols["c"]))
    assert (second.func, second.args) == (sympy.HadamardProduct, (symbols["i"], symbols["g"]))
    assert LSTM.equations["h.next"].sympy.rhs.args[1].func is ElementwiseApplyFunction


@pytest.mark.parametrize("name", builtin_cells())
def test_the_value_of_every_equation_in_sympy_is_that_of_the_oracle(name):
    cell = builtin_cells()[name]
    known = numbers(cell)
    steps = oracle.step(cell.system, known, SIZES)
    for equation in cell.equations.values():
        np.testing.assert_allclose(value(equation.sympy.rhs, known | steps)[:, 0], steps[equation.name], rtol=1e-13)
