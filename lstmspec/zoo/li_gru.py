"""Light gated recurrent unit."""

from lstmspec import Cell, Input, State, affine, dims, init, relu, sigmoid

n, k = dims("n k")
START = (init.glorot_uniform(), init.orthogonal())  # of what acts on x, and on h


class LiGRU(Cell):
    """Light gated recurrent unit: no reset gate, rectified candidates; here without batch normalisation.

    M. Ravanelli, P. Brakel, M. Omologo, Y. Bengio, "Light gated recurrent units for speech recognition", IEEE
    Transactions on Emerging Topics in Computational Intelligence 2 (2018). Matrices start as there.
    """

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h, init=START))
    m = relu(affine(x, h, init=START))
    h.next = z * h + (1 - z) * m
