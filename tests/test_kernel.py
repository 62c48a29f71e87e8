"""The kernel class of a cell: of every built-in one, of cells at each border, and of faults planted in equations."""

from dataclasses import replace

import pytest

from lstmspec import (
    Cell,
    Constant,
    Input,
    Output,
    SpecError,
    State,
    Weight,
    affine,
    cumsum,
    dims,
    dot,
    elementwise,
    linear,
    maximum,
    outer,
    relu,
    sigmoid,
    split,
    tanh,
    where,
    zoo,
)
from lstmspec.checker import Kernel, kernel
from lstmspec.language import Equation
from lstmspec.nodes import Node, ref
from lstmspec.nodes import replace as rebuilt

n, k = dims("n k")
CELLS = zoo.cells()
ONE, TWO = "one fused product", "2 dependent products"
NONE, SCAN = "no recurrent product", "no recurrent product, linear in the state"

EXPECTED = {
    ONE: [
        *("AUGRU", "CIFG", "Elman", "ElmanRelu", "FullGateRecurrence", "GRU", "IntersectionRNN", "JANET", "LSTM"),
        *("LayerNormCarriedLSTM", "LayerNormLSTM", "LiGRU", "NAS", "NoForgetGate", "NoInputActivation", "NoInputGate"),
        *("NoOutputActivation", "NoOutputGate", "ONLSTM", "OriginalLSTM", "Peephole", "PhasedLSTM", "RAN", "SLSTM"),
        "UGRNN",
    ],
    TWO: ["GRUResetBefore", "LSTMP", "MGU", "MUT1", "MUT2", "MUT3", "MiRU", "MultiplicativeLSTM"],
    NONE: ["IndRNN", "SRU", "SRUProjected"],
    SCAN: ["MinGRU", "MinLSTM", "QRNN", "TRNN"],
    "matrix state": ["MLSTM"],
}


def is_classified(cell, expected):
    """Assert the class of a cell."""
    assert str(kernel(cell)) == expected


def test_every_built_in_cell_has_an_expectation():
    assert sorted(name for names in EXPECTED.values() for name in names) == sorted(CELLS)


@pytest.mark.parametrize(("name", "expected"), [(name, text) for text, names in EXPECTED.items() for name in names])
def test_the_class_of_a_built_in_cell(name, expected):
    is_classified(CELLS[name], expected)


# -- borders -----------------------------------------------------------------------------------------------------------


class Chain(Cell):
    """Each layer waits for the one before."""

    x, h = Input(n), State(k)
    first = tanh(affine(x, h, size=k))
    second = tanh(affine(first, size=k))
    h.next = sigmoid(affine(second, h))


class Readout(Cell):
    """A product of the new state that no step waits for."""

    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(affine(h.next, name="y", size=1))


class Delays(Cell):
    """States that hand on the last two inputs are known before the loop."""

    x, last, older, h = Input(n), State(n), State(n), State(k)
    older.next = last
    last.next = x
    h.next = sigmoid(affine(x, older)) * h + tanh(affine(last))


class LinearRecurrence(Cell):
    """A full matrix, and nothing nonlinear of the state."""

    x, h = Input(n), State(k)
    h.next = affine(x, h)


class Affine(Cell):
    """Every operation that keeps an expression affine."""

    x, h, s = Input(n), State(2 * k), State(())
    left, right = split(h, k, k)
    half = elementwise(lambda u: u / 2 + 1)
    h.next = where(affine(x) < 0, cumsum(-h), half(h)) / sigmoid(affine(x)) + s
    s.next = 0.5 * s + dot(left + right, tanh(affine(x)))


class Square(Cell):
    """A product of two states is not affine."""

    x, h = Input(n), State(k)
    h.next = sigmoid(affine(x)) * h * h


class ByScalar(Cell):
    """Nor is a user's function that is not."""

    x, h = Input(n), State(k)
    swish = elementwise(lambda u: u * sigmoid(u))
    h.next = swish(h) + linear(x)


class Choice(Cell):
    """Nor a choice by the state, nor a maximum."""

    x, h, g = Input(n), State(k), State(k)
    h.next = where(h < 0, h, linear(x))
    g.next = maximum(g, linear(x))


class Gate(Cell):
    """A scalar gate contracts the state: that is a product too."""

    x, h, w = Input(n), State(k), Weight(k)
    h.next = sigmoid(dot(w, h)) * relu(affine(x))


class Attention(Cell):
    """A matrix for a state."""

    x, C = Input(n), State(k, k)
    C.next = 0.5 * C + outer(linear(x), linear(x))


class Feedforward(Cell):
    """No state that is read."""

    x, h = Input(n), State(k)
    h.next = tanh(affine(x))


class Fixed(Cell):
    """A constant is no state."""

    x, h, a = Input(n), State(k), Constant(0.5)
    h.next = a * h + linear(x)


BORDERS = [
    (Chain, "3 dependent products"),
    (Readout, ONE),
    (Delays, SCAN),
    (LinearRecurrence, f"{ONE}, linear in the state"),
    (Affine, f"{ONE}, linear in the state"),
    (Square, NONE),
    (ByScalar, NONE),
    (Choice, NONE),
    (Gate, ONE),
    (Attention, "matrix state, linear in the state"),
    (Feedforward, SCAN),
    (Fixed, SCAN),
]


@pytest.mark.parametrize(("cell", "expected"), BORDERS, ids=lambda value: getattr(value, "__name__", None))
def test_the_class_at_a_border(cell, expected):
    is_classified(cell, expected)


def test_what_a_kernel_says():
    assert kernel(Chain) == Kernel(products=3, matrix=False, linear=False)
    assert kernel(CELLS["LSTM"].system) == kernel(CELLS["LSTM"])


def test_an_ill_shaped_cell_is_refused():
    class Bad(Cell):
        x, h, W = Input(n), State(k), Weight(k, n)
        h.next = W @ h

    with pytest.raises(SpecError, match="LS102"):
        kernel(Bad)


# -- planted faults ----------------------------------------------------------------------------------------------------


def planted(name, equation, old, new):
    """A cell's system with another expression in place of a name in one equation."""
    system = CELLS[name].system
    expr = rebuilt(system.equations[equation].expr, lambda node: new if node == ref(old) else node)
    assert expr != system.equations[equation].expr
    return replace(system, equations={**system.equations, equation: Equation(equation, expr)})


H = ref("h")
PLANTED = [
    ("LSTM", "f", "h", Node("mul", (ref("i"), H)), TWO),  # a product waits for a gate
    ("GRUResetBefore", "m", "r", ref("x"), None),  # and now for nothing: ill-shaped, as r is (k)
    ("MinGRU", "h.next", "h", Node("mul", (H, H)), NONE),
    ("TRNN", "h.next", "h", Node("tanh", (H,)), NONE),
    ("IndRNN", "h.next", "h", Node("softmax", (H,)), NONE),
    ("MGU", "m", "f", Node("sigmoid", (H,)), ONE),  # the gate that a product waited for is no product any more
]


@pytest.mark.parametrize(("name", "equation", "old", "new", "expected"), PLANTED)
def test_another_equation_has_another_class(name, equation, old, new, expected):
    changed = planted(name, equation, old, new)
    if expected is None:
        with pytest.raises(SpecError):
            kernel(changed)
    else:
        assert str(kernel(changed)) == expected


@pytest.mark.parametrize(("name", "wrong"), [("LSTM", TWO), ("GRUResetBefore", ONE), ("SRU", SCAN), ("MLSTM", NONE)])
def test_a_wrong_expectation_is_refused(name, wrong):
    with pytest.raises(AssertionError):
        is_classified(CELLS[name], wrong)
