"""Peephole LSTM whose candidate is linear."""

from lstmspec import affine

from .peephole import Peephole


class NoInputActivation(Peephole):
    """No input activation: the candidate is what the dense layer gives.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant NIAF.
    """

    g = affine(Peephole.x, Peephole.h)
