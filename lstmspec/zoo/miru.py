"""Minimal recurrent unit whose update is a number."""

from lstmspec import Cell, Constant, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class MiRU(Cell):
    """Minion gated unit, MiRU1: a GRU whose update gate is the constant lam.

    doi:10.1016/j.neucom.2026.132847 (Neurocomputing, 2026).
    """

    x = Input(n)
    h = State(k)
    lam = Constant(0.5)

    r = sigmoid(affine(x, h))
    m = tanh(affine(x, r * h))
    h.next = lam * h + (1 - lam) * m
