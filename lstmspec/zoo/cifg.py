"""Coupled input and forget gates: a one-line variant of the LSTM."""

from .lstm import LSTM


class CIFG(LSTM):
    """Coupled input and forget gates: what is forgotten makes room for what is new.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017).
    """

    f = 1 - LSTM.i
