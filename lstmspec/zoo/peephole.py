"""Peephole connections: the gates look at the cell state."""

from lstmspec import Weight, affine, dims, sigmoid

from .lstm import LSTM

(k,) = dims("k")


class Peephole(LSTM):
    """The gates look at the cell state; the output gate at the new one.

    F. A. Gers, J. Schmidhuber, "Recurrent nets that time and count", IJCNN (2000); diagonal peepholes.
    """

    p_f, p_i, p_o = Weight(k), Weight(k), Weight(k)
    f = sigmoid(affine(LSTM.x, LSTM.h) + p_f * LSTM.c)
    i = sigmoid(affine(LSTM.x, LSTM.h) + p_i * LSTM.c)
    o = sigmoid(affine(LSTM.x, LSTM.h) + p_o * LSTM.c.next)
