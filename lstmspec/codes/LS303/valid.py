from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h, c = State(k), State(k)

    f = sigmoid(affine(x, h))
    o = sigmoid(affine(x, c.next))

    c.next = f * c + (1 - f) * tanh(affine(x, h))
    h.next = o * tanh(c.next)
