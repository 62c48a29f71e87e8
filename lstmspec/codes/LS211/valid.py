from lstmspec import Bias, Cell, Input, State, dims, linear, tanh

n, k = dims("n k")


class Simple(Cell):
    x = Input(n)
    h = State(k)
    b = Bias(k, init=1.0)

    h.next = tanh(linear(x, h) + b)
