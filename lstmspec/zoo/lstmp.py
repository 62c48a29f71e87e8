"""LSTM with a projection."""

from lstmspec import State, dims, linear, tanh

from .lstm import LSTM

p, k = dims("p k")


class LSTMP(LSTM):
    """What leaves the cell is projected to p numbers, and only those come back.

    H. Sak, A. Senior, F. Beaufays, "Long short-term memory recurrent neural network architectures for large scale
    acoustic modeling", Interspeech (2014); the form of torch.nn.LSTM with proj_size=p.
    """

    h = State(p)
    h.next = linear(LSTM.o * tanh(LSTM.c.next))
