"""Peephole LSTM without its forget gate."""

from lstmspec import identity

from .peephole import Peephole


class NoForgetGate(Peephole):
    """No forget gate: the cell keeps all that it has.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant NFG.
    """

    f = identity(1)
