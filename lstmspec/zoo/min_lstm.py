"""The least LSTM that can be trained in parallel."""

from lstmspec import Cell, Input, State, affine, dims, log_sigmoid, sigmoid

n, k = dims("n k")


class MinLSTM(Cell):
    """minLSTM: gates of the input alone, normalised to a sum of one, so that the state is a weighted mean.

    L. Feng et al., "Were RNNs all we needed?", arXiv:2410.01201 (2024). With f and i the sigmoids of two layers,
    f / (f + i) is the sigmoid of log f - log i, which neither overflows nor divides by zero.
    """

    x = Input(n)
    h = State(k)

    log_f, log_i = log_sigmoid(affine(x, name="f")), log_sigmoid(affine(x, name="i"))
    f = sigmoid(log_f - log_i)
    h.next = f * h + (1 - f) * affine(x)
