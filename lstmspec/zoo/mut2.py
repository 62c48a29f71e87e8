"""The second of three cells that a search by mutation found."""

from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

(k,) = dims("k")


class MUT2(Cell):
    """The second mutant: the input goes into the reset gate as it is, so it has the state's size.

    R. Jozefowicz, W. Zaremba, I. Sutskever, "An empirical exploration of recurrent network architectures", ICML (2015).
    """

    x = Input(k)
    h = State(k)

    z = sigmoid(affine(x, h))
    r = sigmoid(x + affine(h))
    h.next = tanh(affine(x, r * h)) * z + h * (1 - z)
