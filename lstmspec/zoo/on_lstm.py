"""LSTM whose units have an order."""

from lstmspec import State, affine, cumsum, dims, repeat, softmax, tanh

from .lstm import LSTM

C, K = dims("C K")


class ONLSTM(LSTM):
    """Ordered neurons: K groups of C units; two master gates, which rise and fall once, say how far memory reaches.

    Y. Shen, S. Tan, A. Sordoni, A. Courville, "Ordered neurons: integrating tree structures into recurrent neural
    networks", ICLR (2019).
    """

    h, c = State(C * K), State(C * K)
    keep = repeat(cumsum(softmax(affine(LSTM.x, h))), C)
    write = repeat(1 - cumsum(softmax(affine(LSTM.x, h))), C)
    w = keep * write
    c.next = (LSTM.f * w + (keep - w)) * c + (LSTM.i * w + (write - w)) * LSTM.g
    h.next = LSTM.o * tanh(c.next)
