from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h = State(k)

    f = sigmoid(affine(x, h))
    i = sigmoid(affine(x, h))
    h.next = f * h + i * tanh(affine(x, h))


class Coupled(Gated):
    f = 1 - Gated.i
