from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")


class Simple(Cell):
    x = Input(n)
    h = State(k)

    h.next = tanh(affine(x, h))
