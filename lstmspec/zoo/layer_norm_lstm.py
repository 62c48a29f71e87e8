"""LSTM with layer normalisation."""

from lstmspec import Bias, Cell, Input, State, Weight, dims, layer_norm, linear, sigmoid, split, tanh

n, k = dims("n k")


class LayerNormLSTM(Cell):
    """Layer normalisation of both products of all gates together, and of the cell where it is read.

    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450 (2016), equations 20 to 22: the cell
    is carried on as it is.
    """

    x = Input(n)
    h, c = State(k), State(k)
    gain_x, gain_h, gain_c = Weight(4 * k, init=1), Weight(4 * k, init=1), Weight(k, init=1)
    b, shift_c = Bias(4 * k, init=0), Bias(k, init=0)

    a = layer_norm(linear(x, name="x"), gain_x) + layer_norm(linear(h, name="h"), gain_h) + b
    i, f, g, o = split(a, k, k, k, k)
    c.next = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h.next = sigmoid(o) * tanh(layer_norm(c.next, gain_c, shift_c))
