from lstmspec import Cell, Input, State, Weight, concat, dims, linear, tanh

n, k = dims("n k")


class Padded(Cell):
    x = Input(n)
    h = State(n + k)
    p = Weight()

    h.next = tanh(linear(h) + concat(x, p))
