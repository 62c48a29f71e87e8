from lstmspec import Cell, Input, State, affine, dims, relu, tanh

n, k, m = dims("n k m")


class Deep(Cell):
    x = Input(n)
    h = State(k)

    hidden = relu(affine(x, h, size=m))
    h.next = tanh(affine(hidden))
