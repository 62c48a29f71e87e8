"""Peephole LSTM whose gates read what all gates said last."""

from lstmspec import Cell, Input, State, Weight, affine, dims, sigmoid, tanh

n, k = dims("n k")


class FullGateRecurrence(Cell):
    """Full gate recurrence: the gates of the step before are states, and every gate reads all of them.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant FGR.
    """

    x = Input(n)
    h, c = State(k), State(k)
    i, f, o = State(k), State(k), State(k)
    p_i, p_f, p_o = Weight(k), Weight(k), Weight(k)

    i.next = sigmoid(affine(x, h, i, f.prev, o) + p_i * c)
    f.next = sigmoid(affine(x, h, i.prev, f, o) + p_f * c)
    g = tanh(affine(x, h))
    c.next = f.next * c + i.next * g
    o.next = sigmoid(affine(x, h, i.prev, f.prev, o) + p_o * c.next)
    h.next = o.next * tanh(c.next)
