"""The LSTM and its variants up to 2016, in the papers' lines and letters: W of the input, U of the state, p a peephole.

A previous value has no mark, a new one has `1`: c is c_{t-1} and c1 is c_t.
"""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, relu, sigmoid, tanh

from ._steps import pre

One = tuple[Tensor, tuple[Tensor]]
Two = tuple[Tensor, tuple[Tensor, Tensor]]
P = SimpleNamespace


def elman(p: P, x: Tensor, h: Tensor) -> One:
    """Elman (1990)."""
    h1 = tanh(x @ p.W.T + h @ p.U.T + p.b)
    return h1, (h1,)


def elman_relu(p: P, x: Tensor, h: Tensor) -> One:
    """Elman's network with rectified units (Le, Jaitly, Hinton 2015)."""
    h1 = relu(x @ p.W.T + h @ p.U.T + p.b)
    return h1, (h1,)


def lstm(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Gers, Schmidhuber, Cummins (2000)."""
    i = sigmoid(pre(p, "i", x, h))
    f = sigmoid(pre(p, "f", x, h))
    g = tanh(pre(p, "g", x, h))
    o = sigmoid(pre(p, "o", x, h))
    c1 = f * c + i * g
    h1 = o * tanh(c1)
    return h1, (h1, c1)


def original(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Hochreiter, Schmidhuber (1997): nothing is forgotten."""
    i = sigmoid(pre(p, "i", x, h))
    g = tanh(pre(p, "g", x, h))
    o = sigmoid(pre(p, "o", x, h))
    c1 = c + i * g
    h1 = o * tanh(c1)
    return h1, (h1, c1)


def peephole(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Gers, Schmidhuber (2000); V of Greff et al. (2017)."""
    z = tanh(pre(p, "g", x, h))
    i = sigmoid(pre(p, "i", x, h) + p.p_i * c)
    f = sigmoid(pre(p, "f", x, h) + p.p_f * c)
    c1 = z * i + c * f
    o = sigmoid(pre(p, "o", x, h) + p.p_o * c1)
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def no_input_gate(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """NIG of Greff et al. (2017): i = 1."""
    z = tanh(pre(p, "g", x, h))
    f = sigmoid(pre(p, "f", x, h) + p.p_f * c)
    c1 = z + c * f
    o = sigmoid(pre(p, "o", x, h) + p.p_o * c1)
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def no_forget_gate(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """NFG of Greff et al. (2017): f = 1."""
    z = tanh(pre(p, "g", x, h))
    i = sigmoid(pre(p, "i", x, h) + p.p_i * c)
    c1 = z * i + c
    o = sigmoid(pre(p, "o", x, h) + p.p_o * c1)
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def no_output_gate(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """NOG of Greff et al. (2017): o = 1."""
    z = tanh(pre(p, "g", x, h))
    i = sigmoid(pre(p, "i", x, h) + p.p_i * c)
    f = sigmoid(pre(p, "f", x, h) + p.p_f * c)
    c1 = z * i + c * f
    h1 = tanh(c1)
    return h1, (h1, c1)


def no_input_activation(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """NIAF of Greff et al. (2017): g(x) = x."""
    z = pre(p, "g", x, h)
    i = sigmoid(pre(p, "i", x, h) + p.p_i * c)
    f = sigmoid(pre(p, "f", x, h) + p.p_f * c)
    c1 = z * i + c * f
    o = sigmoid(pre(p, "o", x, h) + p.p_o * c1)
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def no_output_activation(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """NOAF of Greff et al. (2017): h(x) = x."""
    z = tanh(pre(p, "g", x, h))
    i = sigmoid(pre(p, "i", x, h) + p.p_i * c)
    f = sigmoid(pre(p, "f", x, h) + p.p_f * c)
    c1 = z * i + c * f
    o = sigmoid(pre(p, "o", x, h) + p.p_o * c1)
    h1 = c1 * o
    return h1, (h1, c1)


def coupled(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """CIFG of Greff et al. (2017), without peepholes: f = 1 - i."""
    z = tanh(pre(p, "g", x, h))
    i = sigmoid(pre(p, "i", x, h))
    c1 = z * i + c * (1 - i)
    o = sigmoid(pre(p, "o", x, h))
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def full_gate_recurrence(
    p: P, x: Tensor, h: Tensor, c: Tensor, i: Tensor, f: Tensor, o: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """FGR of Greff et al. (2017): R_ab takes the previous gate a to the gate b."""
    z = tanh(pre(p, "g", x, h))
    i1 = sigmoid(pre(p, "i", x, h) + p.p_i * c + i @ p.R_ii.T + f @ p.R_fi.T + o @ p.R_oi.T)
    f1 = sigmoid(pre(p, "f", x, h) + p.p_f * c + i @ p.R_if.T + f @ p.R_ff.T + o @ p.R_of.T)
    c1 = z * i1 + c * f1
    o1 = sigmoid(pre(p, "o", x, h) + p.p_o * c1 + i @ p.R_io.T + f @ p.R_fo.T + o @ p.R_oo.T)
    h1 = tanh(c1) * o1
    return h1, (h1, c1, i1, f1, o1)


def projected(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """LSTMP: Sak, Senior, Beaufays (2014), without peepholes; W_r projects what recurs."""
    i = sigmoid(pre(p, "i", x, h))
    f = sigmoid(pre(p, "f", x, h))
    c1 = f * c + i * tanh(pre(p, "g", x, h))
    o = sigmoid(pre(p, "o", x, h))
    m = o * tanh(c1)
    h1 = m @ p.W_r.T
    return h1, (h1, c1)


def multiplicative(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Krause, Lu, Murray, Renals (2016)."""
    m = (x @ p.W_m.T) * (h @ p.U_m.T)
    h_hat = tanh(pre(p, "g", x, m))
    i = sigmoid(pre(p, "i", x, m))
    f = sigmoid(pre(p, "f", x, m))
    o = sigmoid(pre(p, "o", x, m))
    c1 = f * c + i * h_hat
    h1 = tanh(c1) * o
    return h1, (h1, c1)


def _normed(u: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    mean = u.sum(dim=-1, keepdim=True) / u.shape[-1]
    variance = ((u - mean) ** 2).sum(dim=-1, keepdim=True) / u.shape[-1]
    return gain * (u - mean) / torch.sqrt(variance + 1e-5) + bias


def layer_normed(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Ba, Kiros, Hinton (2016), equations 20 to 22: one norm over all gates of Wx, one over all of Uh."""
    a = _normed(h @ p.U.T, p.gain_h, p.bias_h) + _normed(x @ p.W.T, p.gain_x, p.bias_x) + p.b
    i, f, g, o = a.chunk(4, dim=-1)
    c1 = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h1 = sigmoid(o) * tanh(_normed(c1, p.gain_c, p.bias_c))
    return h1, (h1, c1)


def layer_normed_carried(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """The other recurrence of that name: the normed cell state is what goes to the next step."""
    a = _normed(h @ p.U.T, p.gain_h, p.bias_h) + _normed(x @ p.W.T, p.gain_x, p.bias_x) + p.b
    i, f, g, o = a.chunk(4, dim=-1)
    c1 = _normed(sigmoid(f) * c + sigmoid(i) * tanh(g), p.gain_c, p.bias_c)
    h1 = sigmoid(o) * tanh(c1)
    return h1, (h1, c1)
