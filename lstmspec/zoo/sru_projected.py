"""Simple recurrent unit for an input of another size."""

from lstmspec import Input, dims, init, linear

from .sru import SRU

(n,) = dims("n")


class SRUProjected(SRU):
    """Simple recurrent unit whose highway projects the input to the state's size.

    T. Lei, Y. Zhang, S. I. Wang, H. Dai, Y. Artzi, "Simple recurrent units for highly parallelizable recurrence",
    EMNLP (2018).
    """

    x = Input(n)
    skip = linear(x, init=init.lecun_uniform())
