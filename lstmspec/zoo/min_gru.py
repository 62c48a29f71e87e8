"""The least GRU that can be trained in parallel."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid

n, k = dims("n k")


class MinGRU(Cell):
    """minGRU: gate and candidate of the input alone.

    L. Feng et al., "Were RNNs all we needed?", arXiv:2410.01201 (2024).
    """

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x))
    h.next = (1 - z) * h + z * affine(x)
