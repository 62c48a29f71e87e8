"""Independently recurrent network."""

from lstmspec import Cell, Input, State, Weight, affine, dims, relu

n, k = dims("n k")


class IndRNN(Cell):
    """Independently recurrent network: each unit reads its own last value and no other's.

    S. Li, W. Li, C. Cook, C. Zhu, Y. Gao, "Independently recurrent neural network (IndRNN)", CVPR (2018).
    """

    x = Input(n)
    h = State(k)
    u = Weight(k)

    h.next = relu(affine(x) + u * h)
