from lstmspec import Cell, Input, State, affine, concat, dims, sigmoid, tanh

n, k = dims("n k")


class Halves(Cell):
    x = Input(n)
    h = State(k)

    slow = sigmoid(affine(x, h, size=k / 2))
    fast = tanh(affine(x, h))
    h.next = concat(slow, fast)
