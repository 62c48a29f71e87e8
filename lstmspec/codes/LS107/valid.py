from lstmspec import Bias, Cell, Input, State, Weight, concat, dims, sigmoid, split, tanh

n, k = dims("n k")


class Packed(Cell):
    x = Input(n)
    h = State(k)
    W, b = Weight(3 * k, n + k), Bias(3 * k)

    f, i, g = split(W @ concat(x, h) + b, k, k, k)
    h.next = sigmoid(f) * h + sigmoid(i) * tanh(g)
