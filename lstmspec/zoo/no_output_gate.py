"""Peephole LSTM without its output gate."""

from lstmspec import identity

from .peephole import Peephole


class NoOutputGate(Peephole):
    """No output gate: the whole cell is shown.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant NOG.
    """

    o = identity(1)
