from lstmspec import Cell, Input, State, affine, dims, elementwise, sigmoid

n, k = dims("n k")
smooth = elementwise(lambda u: u * sigmoid(u))


class Simple(Cell):
    x = Input(n)
    h = State(k)

    h.next = smooth(affine(x, h))
