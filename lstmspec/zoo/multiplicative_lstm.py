"""Multiplicative LSTM."""

from lstmspec import affine, dims, linear, sigmoid, tanh

from .lstm import LSTM

(k,) = dims("k")


class MultiplicativeLSTM(LSTM):
    """The gates read a state whose transition depends on the input.

    B. Krause, L. Lu, I. Murray, S. Renals, "Multiplicative LSTM for sequence modelling", arXiv:1609.07959 (2016).
    """

    m = linear(LSTM.x, name="mx", size=k) * linear(LSTM.h, name="mh")
    f = sigmoid(affine(LSTM.x, m))
    i = sigmoid(affine(LSTM.x, m))
    g = tanh(affine(LSTM.x, m))
    o = sigmoid(affine(LSTM.x, m))
