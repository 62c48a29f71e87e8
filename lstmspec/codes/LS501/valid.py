import numpy as np
import sympy

from lstmspec import Cell, Input, State, affine, dims
from lstmspec.emit import BACKENDS
from lstmspec.emit.arrays import call
from lstmspec.ops import elementwise_row, user
from lstmspec.proofs import verify

elementwise_row("arctan", "u", sympy.atan, np.arctan, doc="The inverse tangent, elementwise.")
for backend in BACKENDS:
    backend.spell("arctan", call({"numpy": "np.arctan", "torch": "torch.atan"}[backend.name]))

n, k = dims("n k")


class Mine(Cell):
    x = Input(n)
    h = State(k)

    h.next = user.arctan(affine(x, h))


proof = verify(Mine, [backend for backend in BACKENDS if backend.name == "torch"], quick=True)
