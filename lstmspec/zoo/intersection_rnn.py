"""Network of gated depth and gated time."""

from lstmspec import Cell, Input, Output, State, affine, dims, relu, sigmoid, tanh

(k,) = dims("k")


class IntersectionRNN(Cell):
    """Intersection network: one gate over time, one over depth; as there, the input has the state's size.

    J. Collins, J. Sohl-Dickstein, D. Sussillo, "Capacity and trainability in recurrent neural networks", ICLR (2017).
    Both gates start open, to the past and to the input: with biases of 1, as in TensorFlow's cell of this name.
    """

    x = Input(k)
    h = State(k)

    y_in, h_in = relu(affine(x, h)), tanh(affine(x, h))
    g_y, g_h = sigmoid(affine(x, h, bias_init=1)), sigmoid(affine(x, h, bias_init=1))
    y = Output(g_y * x + (1 - g_y) * y_in)
    h.next = g_h * h + (1 - g_h) * h_in
