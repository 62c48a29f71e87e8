from lstmspec import Cell, Input, State, affine, allow, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    m = tanh(affine(x, h))
    h.next = allow((1 - z) * h + z * m, LS304="the paper has two gates")
