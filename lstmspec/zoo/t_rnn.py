"""Strongly typed recurrent network."""

from lstmspec import Cell, Input, State, affine, dims, linear, sigmoid

n, k = dims("n k")


class TRNN(Cell):
    """Strongly typed recurrent network: the state is a mean of what one matrix says of the inputs.

    D. Balduzzi, M. Ghifary, "Strongly-typed recurrent neural networks", ICML (2016).
    """

    x = Input(n)
    h = State(k)

    f = sigmoid(affine(x))
    h.next = f * h + (1 - f) * linear(x)
