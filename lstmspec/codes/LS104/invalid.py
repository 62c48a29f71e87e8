from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k, p = dims("n k p")


class Projected(Cell):
    x = Input(n)
    h, c = State(p), State(k)

    f = sigmoid(affine(x, h))

    c.next = f * c + (1 - f) * tanh(affine(x, h))
    h.next = tanh(c.next)
