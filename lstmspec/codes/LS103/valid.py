from lstmspec import Cell, Input, Output, State, Weight, affine, dims, shaped, tanh

n, k, m = dims("n k m")


class WithReadout(Cell):
    x = Input(n)
    h = State(k)
    V = Weight(m, k)

    h.next = tanh(affine(x, h))
    y = Output(shaped(V @ h.next, m))
