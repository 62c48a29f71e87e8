"""Cells whose state meets itself only unit by unit, in the papers' lines and letters."""

from __future__ import annotations

from types import SimpleNamespace

from torch import Tensor, relu, sigmoid, tanh

One = tuple[Tensor, tuple[Tensor]]
Two = tuple[Tensor, tuple[Tensor, Tensor]]
P = SimpleNamespace


def indrnn(p: P, x: Tensor, h: Tensor) -> One:
    """IndRNN: Li, Li, Cook, Zhu, Gao (2018)."""
    h1 = relu(x @ p.W.T + p.u * h + p.b)
    return h1, (h1,)


def sru(p: P, x: Tensor, c: Tensor) -> One:
    """SRU, second version: Lei, Zhang, Wang, Dai, Artzi (2018); x is added to the output, so n = k."""
    f = sigmoid(x @ p.W_f.T + p.v_f * c + p.b_f)
    c1 = f * c + (1 - f) * (x @ p.W.T)
    r = sigmoid(x @ p.W_r.T + p.v_r * c + p.b_r)
    h1 = r * tanh(c1) + (1 - r) * x
    return h1, (c1,)


def sru_projected(p: P, x: Tensor, c: Tensor) -> One:
    """SRU where n is not k: a fourth matrix takes x to the output."""
    f = sigmoid(x @ p.W_f.T + p.v_f * c + p.b_f)
    c1 = f * c + (1 - f) * (x @ p.W.T)
    r = sigmoid(x @ p.W_r.T + p.v_r * c + p.b_r)
    h1 = r * tanh(c1) + (1 - r) * (x @ p.W_4.T)
    return h1, (c1,)


def qrnn(p: P, x: Tensor, x_before: Tensor, c: Tensor) -> Two:
    """QRNN, window 2, fo-pooling: Bradbury, Merity, Xiong, Socher (2017); 1 acts on x_{t-1}, 2 on x_t."""
    z = tanh(x_before @ p.W1_z.T + x @ p.W2_z.T + p.b_z)
    f = sigmoid(x_before @ p.W1_f.T + x @ p.W2_f.T + p.b_f)
    o = sigmoid(x_before @ p.W1_o.T + x @ p.W2_o.T + p.b_o)
    c1 = f * c + (1 - f) * z
    h1 = o * c1
    return h1, (x, c1)


def min_gru(p: P, x: Tensor, h: Tensor) -> One:
    """minGRU: Feng et al. (2024)."""
    z = sigmoid(x @ p.W_z.T + p.b_z)
    h_tilde = x @ p.W_h.T + p.b_h
    h1 = (1 - z) * h + z * h_tilde
    return h1, (h1,)


def trnn(p: P, x: Tensor, h: Tensor) -> One:
    """T-RNN: Balduzzi, Ghifary (2016), strongly typed."""
    z = x @ p.W.T
    f = sigmoid(x @ p.W_f.T + p.b_f)
    h1 = f * h + (1 - f) * z
    return h1, (h1,)
