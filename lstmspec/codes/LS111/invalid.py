from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k, m = dims("n k m")


class TwoStates(Cell):
    x = Input(n)
    h, c = State(k), State(m)

    f = sigmoid(affine(x, h, c))
    h.next = f * tanh(affine(x, h, c))
    c.next = f * tanh(affine(x, h, c))
