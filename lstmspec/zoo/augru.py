"""GRU with attention."""

from lstmspec import Input, affine, sigmoid

from .gru import GRU


class AUGRU(GRU):
    """Attentional update gate: a number between 0 and 1 a step says how much of the update gate is left.

    G. Zhou et al., "Deep interest evolution network for click-through rate prediction", AAAI (2019); the form of
    oneDNN's linear-before-reset AUGRU, whose update gate keeps the state.
    """

    a = Input(())
    z = (1 - a) * sigmoid(affine(GRU.x, GRU.h))
