"""Minimal gated unit."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class MGU(Cell):
    """Minimal gated unit: one gate both resets and updates.

    G.-B. Zhou, J. Wu, C.-L. Zhang, Z.-H. Zhou, "Minimal gated unit for recurrent neural networks", International
    Journal of Automation and Computing 13 (2016).
    """

    x = Input(n)
    h = State(k)

    f = sigmoid(affine(x, h))
    m = tanh(affine(x, f * h))
    h.next = (1 - f) * h + f * m
