"""LSTM with exponential gates and a normaliser."""

from lstmspec import Cell, Input, State, affine, allow, dims, exp, init, log_sigmoid, maximum, sigmoid, tanh, where

n, k = dims("n k")


class SLSTM(Cell):
    """sLSTM: exponential input gates, normalised by the sum of all gates, without overflow by a running maximum.

    M. Beck et al., "xLSTM: extended long short-term memory", NeurIPS (2024), equations 8 to 17, the forget gate a
    sigmoid. Where every gate so far is smaller than the numbers can say there is nothing to normalise by, and h is 0:
    that is so where a hundred-millionth of the sum is no number any more but 0, in float32 below 1e-37.
    Biases start as in the authors' code (bias_init="small_init").
    """

    x = Input(n)
    h, c, total, m = State(k), State(k), State(k), State(k)

    log_i = affine(x, h, name="i", bias_init=0)
    log_f = log_sigmoid(affine(x, h, name="f", bias_init=init.spread(3, 6)))
    m.next = maximum(log_i, log_f + m)
    i = exp(log_i - m.next)
    f = allow(exp(log_f + m - m.next), LS306="m.next is at least log_f + m, so f is at most 1")
    c.next = f * c + i * tanh(affine(x, h, name="z", bias_init=0))
    total.next = f * total + i
    by = where(abs(total.next) * 1e-8 <= 0, 1, total.next)
    h.next = allow(sigmoid(affine(x, h, name="o", bias_init=0)) * c.next / by, LS307="by is not 0")
