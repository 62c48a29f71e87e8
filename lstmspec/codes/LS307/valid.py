from lstmspec import Cell, Input, State, affine, dims, log, tanh

n, k = dims("n k")


class Compressed(Cell):
    x = Input(n)
    h = State(k)

    h.next = tanh(affine(log(1 + abs(x)), h))
