"""Long short-term memory with a forget gate."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class LSTM(Cell):
    """Long short-term memory with a forget gate.

    F. A. Gers, J. Schmidhuber, F. Cummins, "Learning to forget: continual prediction with LSTM",
    Neural Computation 12 (2000); the form of torch.nn.LSTM.
    """

    x = Input(n)
    h, c = State(k), State(k)

    f = sigmoid(affine(x, h))
    i = sigmoid(affine(x, h))
    g = tanh(affine(x, h))
    o = sigmoid(affine(x, h))

    c.next = f * c + i * g
    h.next = o * tanh(c.next)
