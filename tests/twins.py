"""What the tests of the static check share: the procedures of cells, and their twins."""

import functools

from helpers import CELLS

from lstmspec import Bias, Cell, Input, State, affine, concat, dims, tanh
from lstmspec.emit.torch.static import twin
from lstmspec.static_shapes import checkers, subjects

((BACKEND, CHECKER),) = checkers().values()

n, k, m = dims("n k m")


class Joined(Cell):
    """A bias beside an input, for every sample of every step."""

    x, h, b = Input(n), State(k), Bias(m)
    h.next = tanh(affine(concat(b, x), h))


@functools.cache
def subject(name):
    """The procedures of a built-in cell, or of the one above."""
    cell = Joined if name == Joined.__name__ else CELLS[name]
    (found,) = subjects([cell.system], BACKEND)
    return found


def procedure(name, wanted):
    return next(one for one in subject(name).procedures if one.name == wanted)


@functools.cache
def asked(name, wanted, explained=()):
    """The twin of a procedure."""
    return twin(procedure(name, wanted), subject(name).dims, explained)
