"""An LSTM that is only a forget gate."""

from lstmspec import Cell, Constant, Input, State, affine, allow, dims, sigmoid, tanh

n, k = dims("n k")


class JANET(Cell):
    """Just another network: the forget gate, and an input gate that is its complement moved by beta.

    J. van der Westhuizen, J. Lasenby, "The unreasonable effectiveness of the forget gate", arXiv:1804.04849 (2018).
    """

    x = Input(n)
    h = State(k)
    beta = Constant(1.0)

    f = affine(x, h)
    g = tanh(affine(x, h))
    h.next = allow(
        sigmoid(f) * h + (1 - sigmoid(f - beta)) * g,
        LS304="beta moves the gates apart, so that more comes in than is forgotten",
    )
