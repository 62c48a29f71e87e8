from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h = State(k)

    forget = sigmoid(affine(x, h))
    m = tanh(affine(x, h))
    h.next = forgets * h + (1 - forget) * m
