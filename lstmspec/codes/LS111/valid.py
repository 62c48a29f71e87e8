from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k, m = dims("n k m")


class TwoStates(Cell):
    x = Input(n)
    h, c = State(k), State(m)

    f_h = sigmoid(affine(x, h, c))
    f_c = sigmoid(affine(x, h, c))
    h.next = f_h * tanh(affine(x, h, c))
    c.next = f_c * tanh(affine(x, h, c))
