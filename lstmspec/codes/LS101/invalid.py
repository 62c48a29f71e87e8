from lstmspec import Bias, Cell, Input, State, Weight, concat, dims, tanh

n, k = dims("n k")


class Simple(Cell):
    x = Input(n)
    h = State(k)
    W = Weight(k, n + k)
    b = Bias(n + k)

    h.next = tanh(W @ concat(x, h) + b)
