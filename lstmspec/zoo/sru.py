"""Simple recurrent unit."""

from lstmspec import Cell, Input, Output, State, Weight, affine, dims, identity, init, linear, sigmoid, tanh

(k,) = dims("k")
START = init.lecun_uniform()


class SRU(Cell):
    """Simple recurrent unit: all products are of the input; a highway around it, so the input has the state's size.

    T. Lei, Y. Zhang, S. I. Wang, H. Dai, Y. Artzi, "Simple recurrent units for highly parallelizable recurrence",
    EMNLP (2018), with the tanh of its first version. Matrices and biases start as in the authors' code.
    """

    x = Input(k)
    c = State(k)
    v_f, v_r = Weight(k), Weight(k)

    f = sigmoid(affine(x, init=START, bias_init=0) + v_f * c)
    r = sigmoid(affine(x, init=START, bias_init=0) + v_r * c.prev)
    c.next = f * c + (1 - f) * linear(x, init=START)
    skip = identity(x)
    y = Output(r * tanh(c.next) + (1 - r) * skip)
