from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h, c = State(k), State(k)

    f = sigmoid(affine(x, h))
    g = tanh(affine(x, h))

    c.next = f * c + (1 - f) * g
    h.next = tanh(c.next)
