from lstmspec import Cell, Input, State, Weight, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Threshold(Cell):
    x = Input(n)
    h = State(k)
    theta = Weight(k)

    m = tanh(affine(x, h))
    z = sigmoid(m - theta)
    h.next = z * m + (1 - z) * h
