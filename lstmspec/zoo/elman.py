"""The simple recurrent network."""

from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")


class Elman(Cell):
    """The simple recurrent network: one dense layer of the input and of what it said last.

    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), with tanh; the form of torch.nn.RNN.
    """

    x = Input(n)
    h = State(k)
    h.next = tanh(affine(x, h))
