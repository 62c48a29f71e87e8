"""Long short-term memory as it was published first."""

from lstmspec import identity

from .lstm import LSTM


class OriginalLSTM(LSTM):
    """Long short-term memory without a forget gate: the cell adds up what it is told.

    S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); tanh where the paper has
    scaled logistic functions.
    """

    f = identity(1)
