"""Gated recurrent unit, reset gate after the recurrent product."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class GRU(Cell):
    """Gated recurrent unit, reset gate after the recurrent product.

    K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP (2014), first version of the
    preprint's equations; the form of cuDNN and torch.nn.GRU.
    """

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    r = sigmoid(affine(x, h))
    m = tanh(affine(x, name="m") + r * affine(h, name="u"))

    h.next = z * h + (1 - z) * m
