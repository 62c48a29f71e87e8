"""The third of three cells that a search by mutation found."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class MUT3(Cell):
    """The third mutant: the update gate reads a squashed state.

    R. Jozefowicz, W. Zaremba, I. Sutskever, "An empirical exploration of recurrent network architectures", ICML (2015).
    """

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, tanh(h)))
    r = sigmoid(affine(x, h))
    h.next = tanh(affine(x, r * h)) * z + h * (1 - z)
