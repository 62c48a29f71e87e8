from lstmspec import Cell, State, affine, dims, tanh

(k,) = dims("k")


class Autonomous(Cell):
    h = State(k)

    h.next = tanh(affine(h))
