"""Gated recurrent unit, reset gate before the recurrent product."""

from lstmspec import affine, tanh

from .gru import GRU


class GRUResetBefore(GRU):
    """Gated recurrent unit, reset gate before the recurrent product.

    K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP (2014), third version of the
    preprint; ONNX's GRU with linear_before_reset=0.
    """

    m = tanh(affine(GRU.x, GRU.r * GRU.h))
