from lstmspec import Cell, Input, State, affine, dims, sigmoid

n, k = dims("n k")


class Highway(Cell):
    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * x
