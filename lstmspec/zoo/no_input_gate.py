"""Peephole LSTM without its input gate."""

from lstmspec import identity

from .peephole import Peephole


class NoInputGate(Peephole):
    """No input gate: every candidate is added in full.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant NIG.
    """

    i = identity(1)
