"""An LSTM that is only a forget gate."""

from lstmspec import Cell, Constant, Input, State, affine, allow, dims, init, sigmoid, tanh

n, k = dims("n k")


class JANET(Cell):
    """Just another network: the forget gate, and an input gate that is its complement moved by beta.

    J. van der Westhuizen, J. Lasenby, "The unreasonable effectiveness of the forget gate", arXiv:1804.04849 (2018).
    Biases start as in the authors' code: those of f for memories of up to 784 steps, the pixels of its images.
    """

    x = Input(n)
    h = State(k)
    beta = Constant(1.0)

    f = affine(x, h, bias_init=init.chrono(784))
    g = tanh(affine(x, h, bias_init=0))
    h.next = allow(
        sigmoid(f) * h + (1 - sigmoid(f - beta)) * g,
        LS304="beta moves the gates apart, so that more comes in than is forgotten",
    )
