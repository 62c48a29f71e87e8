from lstmspec import Cell, Input, State, affine, dims, linear, sigmoid

n, k = dims("n k")


class Associative(Cell):
    x = Input(n)
    h = State(k)

    q = sigmoid(affine(x, h))
    key = linear(x)
    h.next = q * h + (1 - q) * key
