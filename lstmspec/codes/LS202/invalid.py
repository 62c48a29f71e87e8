from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h = State(k)

    output = sigmoid(affine(x, h))
    h.next = output * tanh(affine(x, h))
