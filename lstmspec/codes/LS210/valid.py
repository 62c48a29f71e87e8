from lstmspec import Cell, Input, State, affine, dims, relu

n, k = dims("n k")


class Layer(Cell):
    x = Input(n)
    h = State(k)

    h.next = relu(affine(x, h))
