from lstmspec import Cell, Input, State, dims, linear, tanh

n, k = dims("n k")


class Simple(Cell):
    x = Input(n)
    h = State(k)

    h.next = tanh(linear(x), linear(h))
