"""The cell that a search found."""

from lstmspec import Cell, Input, State, dims, linear, relu, sigmoid, tanh

n, k = dims("n k")


class NAS(Cell):
    """The recurrent cell that neural architecture search found on the Penn Treebank.

    B. Zoph, Q. V. Le, "Neural architecture search with reinforcement learning", ICLR (2017), appendix; no biases.
    """

    x = Input(n)
    h, c = State(k), State(k)

    l0, l1, l2 = sigmoid(linear(x, h)), relu(linear(x, h)), sigmoid(linear(x, h))
    l3 = relu(linear(x, name="u3") * linear(h, name="v3"))
    l4, l5, l6, l7 = tanh(linear(x, h)), sigmoid(linear(x, h)), tanh(linear(x, h)), sigmoid(linear(x, h))
    c.next = tanh(tanh(l0 * l1) + c) * tanh(l2 + l3)
    h.next = tanh(c.next * tanh(tanh(l4 * l5) + sigmoid(l6 + l7)))
