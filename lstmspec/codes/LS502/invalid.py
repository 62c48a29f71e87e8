from lstmspec import Cell, Input, State, affine, allow, dims, sqrt, tanh
from lstmspec.proofs import verify

n, k = dims("n k")


class Mine(Cell):
    x = Input(n)
    h = State(k)

    h.next = tanh(affine(allow(sqrt(x - 10), LS307="x is above 10"), h))


proof = verify(Mine, quick=True)
