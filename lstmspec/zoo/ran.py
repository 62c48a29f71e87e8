"""Recurrent additive network."""

from lstmspec import Cell, Input, State, affine, dims, linear, sigmoid, tanh

n, k = dims("n k")


class RAN(Cell):
    """Recurrent additive network: the cell is a weighted sum of linear functions of the inputs.

    K. Lee, O. Levy, L. Zettlemoyer, "Recurrent additive networks", arXiv:1705.07393 (2017).
    """

    x = Input(n)
    h, c = State(k), State(k)

    i = sigmoid(affine(x, h))
    f = sigmoid(affine(x, h))
    c.next = i * linear(x) + f * c
    h.next = tanh(c.next)
