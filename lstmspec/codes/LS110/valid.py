from lstmspec import Cell, Input, State, affine, dims, sigmoid

(k,) = dims("k")


class Highway(Cell):
    x = Input(k)
    h = State(k)

    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * x
