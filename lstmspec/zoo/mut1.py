"""The first of three cells that a search by mutation found."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

(k,) = dims("k")


class MUT1(Cell):
    """The first mutant: the input goes into the candidate as it is, so it has the state's size.

    R. Jozefowicz, W. Zaremba, I. Sutskever, "An empirical exploration of recurrent network architectures", ICML (2015).
    """

    x = Input(k)
    h = State(k)

    z = sigmoid(affine(x))
    r = sigmoid(affine(x, h))
    h.next = tanh(affine(r * h) + tanh(x)) * z + h * (1 - z)
