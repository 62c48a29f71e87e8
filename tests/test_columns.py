"""Which columns of a matrix act on what."""

import pytest

from lstmspec import Cell, Input, State, Weight, affine, concat, dims, tanh
from lstmspec.checker import columns
from lstmspec.zoo.gru_reset_before import GRUResetBefore
from lstmspec.zoo.lstm import LSTM

n, k = dims("n k")


class Odd(Cell):
    """A matrix under every kind of reader."""

    x, h = Input(n), State(k)
    A, S, T, w = Weight(k, n), Weight(k, k), Weight(k, k), Weight(k)
    a = tanh(A @ x) + tanh(S @ h) + tanh(S @ tanh(h))
    h.next = a + T.T @ h + T @ h + w * affine(concat(x, x), h)


@pytest.mark.parametrize(
    ("cell", "name", "parts"),
    [
        (LSTM, "W_f", [("x", "0", "n"), ("h", "n", "n+k")]),
        (GRUResetBefore, "W_m", [("x", "0", "n"), ("r * h", "n", "n+k")]),
        (LSTM, "b_f", []),
        (Odd, "A", [("x", "0", "n")]),
        (Odd, "S", []),  # two operands
        (Odd, "T", []),  # it is transposed too
        (Odd, "w", []),
        (Odd, "W_h", [("concat(x, x)", "0", "2*n"), ("h", "2*n", "2*n+k")]),
    ],
)
def test_columns_belong_to_the_parts_of_the_operand(cell, name, parts):
    assert [(c.operand, str(c.start), str(c.stop)) for c in columns(cell, name)] == parts


def test_their_sizes_add_up():
    x, h = columns(LSTM, "W_f")
    assert (str(x.size), str(h.size)) == ("n", "k")
