"""Independently recurrent network."""

from lstmspec import Cell, Input, State, Weight, affine, dims, init, relu

n, k = dims("n k")


class IndRNN(Cell):
    """Independently recurrent network: each unit reads its own last value and no other's.

    S. Li, W. Li, C. Cook, C. Zhu, Y. Gao, "Independently recurrent neural network (IndRNN)", CVPR (2018).
    u starts between 0 and 2**(1/T), so that nothing grows more than twofold in T steps: for any T, between 0 and 1.
    """

    x = Input(n)
    h = State(k)
    u = Weight(k, init=init.uniform(0, 1))

    h.next = relu(affine(x) + u * h)
