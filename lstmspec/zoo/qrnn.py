"""Quasi-recurrent network."""

from lstmspec import Cell, Input, Output, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class QRNN(Cell):
    """Quasi-recurrent network, window 2, fo-pooling: gates of this input and the last one, which is a state.

    J. Bradbury, S. Merity, C. Xiong, R. Socher, "Quasi-recurrent neural networks", ICLR (2017), equations 2 and 4.
    """

    x = Input(n)
    last, c = State(n), State(k)

    last.next = x
    z = tanh(affine(last, x))
    f = sigmoid(affine(last, x))
    o = sigmoid(affine(last, x))
    c.next = f * c + (1 - f) * z
    y = Output(o * c.next)
