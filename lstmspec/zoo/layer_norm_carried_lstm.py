"""LSTM with layer normalisation whose normalised cell is carried on."""

from lstmspec import State, dims, layer_norm, sigmoid, tanh

from .layer_norm_lstm import LayerNormLSTM as Base

(k,) = dims("k")


class LayerNormCarriedLSTM(Base):
    """Layer normalisation, and the normalised cell is what the next step gets.

    A recurrence that goes by the same name as equations 20 to 22 of J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer
    normalization", arXiv:1607.06450 (2016), and is another.
    """

    h, c = State(k), State(k)
    c.next = layer_norm(sigmoid(Base.f) * c + sigmoid(Base.i) * tanh(Base.g), Base.gain_c, Base.shift_c)
    h.next = sigmoid(Base.o) * tanh(c.next)
