from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Peeping(Cell):
    x = Input(n)
    h, c = State(k), State(k)

    f = sigmoid(affine(x, h) + c)
    c.next = f * c + (1 - f) * tanh(affine(x, h))
    h.next = tanh(c.next)
