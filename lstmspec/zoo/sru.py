"""Simple recurrent unit."""

from lstmspec import Cell, Input, Output, State, Weight, affine, dims, identity, linear, sigmoid, tanh

(k,) = dims("k")


class SRU(Cell):
    """Simple recurrent unit: all products are of the input; a highway around it, so the input has the state's size.

    T. Lei, Y. Zhang, S. I. Wang, H. Dai, Y. Artzi, "Simple recurrent units for highly parallelizable recurrence",
    EMNLP (2018), with the tanh of its first version.
    """

    x = Input(k)
    c = State(k)
    v_f, v_r = Weight(k), Weight(k)

    f = sigmoid(affine(x) + v_f * c)
    r = sigmoid(affine(x) + v_r * c.prev)
    c.next = f * c + (1 - f) * linear(x)
    skip = identity(x)
    y = Output(r * tanh(c.next) + (1 - r) * skip)
