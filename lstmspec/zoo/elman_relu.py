"""The simple recurrent network of rectified units."""

from lstmspec import State, affine, dims, init, relu

from .elman import Elman

(k,) = dims("k")


class ElmanRelu(Elman):
    """The simple recurrent network of rectified linear units.

    Q. V. Le, N. Jaitly, G. E. Hinton, "A simple way to initialize recurrent networks of rectified linear units",
    arXiv:1504.00941 (2015), which starts from the identity; the form of torch.nn.RNN with nonlinearity="relu".
    """

    h = State(k)
    h.next = relu(affine(Elman.x, h, init=(init.normal(0.001), init.identity()), bias_init=0))
