"""Light gated recurrent unit."""

from lstmspec import Cell, Input, State, affine, dims, relu, sigmoid

n, k = dims("n k")


class LiGRU(Cell):
    """Light gated recurrent unit: no reset gate, rectified candidates; here without batch normalisation.

    M. Ravanelli, P. Brakel, M. Omologo, Y. Bengio, "Light gated recurrent units for speech recognition", IEEE
    Transactions on Emerging Topics in Computational Intelligence 2 (2018).
    """

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    m = relu(affine(x, h))
    h.next = z * h + (1 - z) * m
