from lstmspec import Cell, Input, State, affine, concat, dims, sigmoid, tanh

n, k = dims("n k")


class Halves(Cell):
    x = Input(n)
    h = State(2 * k)

    slow = sigmoid(affine(x, h, size=k))
    fast = tanh(affine(x, h))
    h.next = concat(slow, fast)
