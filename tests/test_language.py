"""The language: what design.md promises runs as written and means what it says."""

import io

import numpy as np
import pytest
import sympy
from sympy.core.function import FunctionClass
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.printing.numpy import NumPyPrinter
from sympy_values import SCALAR, Reader

import lstmspec as ls
from lstmspec import Cell, Code, Input, SpecError, State, Weight, affine, concat, dims, oracle, sigmoid, tanh, zoo
from lstmspec.nodes import text
from lstmspec.ops import TABLE
from lstmspec.symbolic import sympy_number

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


def numbers(cell, sizes=SIZES):
    """Random values for every symbol of a cell."""
    table = cell.shapes.require().of
    return {name: np.asarray(rng.normal(size=[s.at(sizes) for s in table[name]])) for name in cell.system.symbols}


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


CELLS = zoo.cells()
PRIMES = (3, 5, 7)  # of the dimension symbols of a cell


@pytest.mark.parametrize("name", CELLS)
def test_the_value_of_every_equation_in_sympy_is_that_of_the_oracle(name):
    cell = CELLS[name]
    sizes = dict(zip(cell.shapes.dims, PRIMES, strict=False))
    known = numbers(cell, sizes)
    steps = oracle.step(cell.system, known, sizes)
    for equation in cell.equations.values():
        agrees(equation.sympy.rhs, steps[equation.name], Reader(known | steps, sizes))


def agrees(expr, expected, reader):
    """Assert that a SymPy expression has a value: as a matrix of one column where that is a vector."""
    value = np.asarray(reader(expr))
    assert value.shape == (expected.shape if len(expected.shape) != 1 else (*expected.shape, 1))
    np.testing.assert_allclose(value.reshape(expected.shape), expected, rtol=1e-12, atol=1e-14)


def test_a_wrong_value_or_an_unknown_node_is_found_out():
    h, A = sympy.MatrixSymbol("h", k, 1), sympy.MatrixSymbol("A", k, k)
    reader = Reader({"h": rng.normal(size=5), "A": rng.normal(size=(5, 5))}, {"k": 5})
    expected = reader.names["A"] @ reader.names["h"]
    agrees(A * h, expected, reader)
    for wrong in (A.T * h, -A * h, A * h + h):
        with pytest.raises(AssertionError):
            agrees(wrong, expected, reader)
    for unread in (sympy.Trace(A), A.inverse() * h, sympy.gamma(sympy.Symbol("k", integer=True, positive=True))):
        with pytest.raises(KeyError):
            reader(unread)


def test_the_reader_knows_every_function_of_equations():
    classes = [op.scalar for op in TABLE.values() if isinstance(op.scalar, FunctionClass)]
    assert classes
    assert {function.__name__ for function in classes} <= {*SCALAR}


@pytest.mark.parametrize("name", CELLS)
def test_every_equation_can_be_printed(name):
    for equation in CELLS[name].equations.values():
        written = equation.sympy
        assert written == equation.sympy  # the same, whenever it is asked for: no names that SymPy makes up
        assert not written.atoms(sympy.Dummy, sympy.Sum)
        for shown in (print_to_text(written), sympy.latex(written), sympy.pretty(written), sympy.srepr(written)):
            assert shown and "Dummy" not in shown
        assert NumPyPrinter().doprint(written.rhs)  # a strict printer: it stops at what it has no word for


def print_to_text(expr):
    written = io.StringIO()
    print(expr, file=written)
    return written.getvalue()


def test_the_sympy_forms_that_have_no_word_of_their_own():
    class Forms(Cell):
        x, h, s = Input(n), State(n), State(())
        a = x - ls.mean(x)
        b = ls.softmax(x)
        c = x / h
        d = ls.dot(x, h) / ls.sum(x)
        e = ls.mod(s - x, h)
        f = 1 - ls.repeat(x, k)
        g = ls.maximum(ls.linear(h) + s, x)
        s.next = d + ls.sum(f)
        h.next = a + b + c + e + g

    assert {name: str(Forms.equations[name].sympy.rhs) for name in "abcdefg"} == {
        "a": "Lambda(u0, u0 - (1*x)[0, 0]/n).(x)",
        "b": "Lambda(u0, exp(u0)/(1*Lambda(u0, exp(u0)).(x))[0, 0]).(x)",
        "c": "HadamardProduct(x, Lambda(u0, 1/u0).(h))",
        "d": "(x.T*h)[0, 0]/(1*x)[0, 0]",
        "e": "FunctionMatrix(n, 1, Lambda((row, column), Mod(s - x[row, column], h[row, column])))",
        "f": "Lambda(u0, 1 - u0).(KroneckerProduct(x, 1))",
        "g": "FunctionMatrix(n, 1, Lambda((row, column), Max(s + (W_g*h)[row, column], x[row, column])))",
    }


def test_a_scalar_may_be_called_as_the_variable_of_a_function():
    class Captured(Cell):
        u0, u1, h = Input(()), Input(()), State(k)
        h.next = h / (u0 + u1)

    known = numbers(Captured, SIZES)
    agrees(Captured.equations["h.next"].sympy.rhs, known["h"] / (known["u0"] + known["u1"]), Reader(known, SIZES))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "1/10"), (1 / 3, "1/3"), (1e-5, "1/100000"), (1e-37, f"1/{10**37}"), (-0.25, "-1/4"), (80.0, "80"),
        (0.9999999999999999, "9999999999999999/10000000000000000"), (2.718281828, "679570457/250000000"),
        (float("inf"), "oo"),
    ],
)  # fmt: skip
def test_a_number_stays_what_it_is(value, text):
    number = sympy_number(value)
    assert (str(number), float(number)) == (text, value)
