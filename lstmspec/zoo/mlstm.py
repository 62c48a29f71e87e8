"""LSTM with a matrix for a memory."""

from lstmspec import (
    Bias,
    Cell,
    Input,
    Output,
    State,
    Weight,
    affine,
    dims,
    dot,
    exp,
    init,
    log_sigmoid,
    maximum,
    minimum,
    outer,
    sigmoid,
    size,
    sqrt,
)

n, d = dims("n d")


class MLSTM(Cell):
    """mLSTM: a matrix of values under keys, asked by a query; scalar exponential gates with a running maximum.

    M. Beck et al., "xLSTM: extended long short-term memory", NeurIPS (2024), equations 19 to 27, the forget gate a
    sigmoid. The paper divides by max(|total q|, exp(-m)); both sides are multiplied by `scale` so that nothing
    overflows for any m, and exp(-m) is held above exp(-80), so that for large m 0 is not divided by 0.
    The gates start as in the authors' code for one head: from biases alone.
    """

    x = Input(n)
    C, total, m = State(d, d), State(d), State(())
    w_i, w_f = Weight(n, init=0), Weight(n, init=0)
    b_i, b_f = Bias((), init=init.normal(0.1)), Bias((), init=3)

    q, key, v, o = affine(x), affine(x) / sqrt(size(d)), affine(x), sigmoid(affine(x))
    log_i, log_f = dot(w_i, x) + b_i, log_sigmoid(dot(w_f, x) + b_f)
    m.next = maximum(log_f + m, log_i)
    i, f = exp(log_i - m.next), exp(log_f + m - m.next)
    C.next = f * C + i * outer(v, key)
    total.next = f * total + i * key
    scale, least = exp(minimum(m.next, 0)), exp(-minimum(maximum(m.next, 0), 80))
    y = Output(o * (C.next @ q) * scale / maximum(abs(dot(total.next, q)) * scale, least))
