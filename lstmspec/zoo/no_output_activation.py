"""Peephole LSTM that shows its cell as it is."""

from lstmspec import State, dims

from .peephole import Peephole

(k,) = dims("k")


class NoOutputActivation(Peephole):
    """No output activation: the cell is shown without a tanh.

    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "LSTM: a search space odyssey",
    IEEE Transactions on Neural Networks and Learning Systems 28 (2017), the variant NOAF.
    """

    h = State(k)
    h.next = Peephole.o * Peephole.c.next
