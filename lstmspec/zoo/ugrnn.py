"""Update gate network."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class UGRNN(Cell):
    """Update gate network: a simple recurrent network that may stay as it is.

    J. Collins, J. Sohl-Dickstein, D. Sussillo, "Capacity and trainability in recurrent neural networks", ICLR (2017).
    The gate starts open to the past: with a bias of 1, as in TensorFlow's cell of this name.
    """

    x = Input(n)
    h = State(k)

    m = tanh(affine(x, h))
    g = sigmoid(affine(x, h, bias_init=1))
    h.next = g * h + (1 - g) * m
