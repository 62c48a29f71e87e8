from lstmspec import Cell, Input, State, affine, dims, tanh, where

n, k = dims("n k")


class Masked(Cell):
    x, mask = Input(n), Input(())
    h = State(k)

    h.next = where(mask, tanh(affine(x, h)), h)
