from lstmspec import Cell, Input, State, Weight, affine, dims, tanh, where

n, k = dims("n k")


class Threshold(Cell):
    x = Input(n)
    h = State(k)
    theta = Weight(k)

    m = tanh(affine(x, h))
    h.next = where(theta < m, m, h)
