from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Updated(Cell):
    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    r = sigmoid(affine(x, h))
    m = tanh(affine(x, r * h))

    h.next = (1 - z) * h + r * m
