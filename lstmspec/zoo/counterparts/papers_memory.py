"""Cells with a memory since 2016: simpler than the LSTM, found by search, ordered, clocked, or exponentially gated."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, exp, relu, sigmoid, tanh

from ._steps import pre

One = tuple[Tensor, tuple[Tensor]]
Two = tuple[Tensor, tuple[Tensor, Tensor]]
Four = tuple[Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]
P = SimpleNamespace


def janet(p: P, x: Tensor, c: Tensor) -> One:
    """Van der Westhuizen, Lasenby (2018): just a forget gate; h is c."""
    s = pre(p, "f", x, c)
    c_tilde = tanh(pre(p, "c", x, c))
    c1 = sigmoid(s) * c + (1 - sigmoid(s - p.beta)) * c_tilde
    return c1, (c1,)


def ran(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Lee, Levy, Zettlemoyer (2017): what is added does not look at the state."""
    c_tilde = x @ p.W_c.T
    i = sigmoid(pre(p, "i", x, h))
    f = sigmoid(pre(p, "f", x, h))
    c1 = i * c_tilde + f * c
    h1 = tanh(c1)
    return h1, (h1, c1)


def nas(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """Zoph, Le (2017): the cell that their search found for a base of eight."""
    u = [x @ getattr(p, f"W_{j}").T for j in range(8)]
    v = [h @ getattr(p, f"U_{j}").T for j in range(8)]
    l0 = sigmoid(u[0] + v[0])
    l1 = relu(u[1] + v[1])
    l2 = sigmoid(u[2] + v[2])
    l3 = relu(u[3] * v[3])
    l4 = tanh(u[4] + v[4])
    l5 = sigmoid(u[5] + v[5])
    l6 = tanh(u[6] + v[6])
    l7 = sigmoid(u[7] + v[7])
    c1 = tanh(tanh(l0 * l1) + c) * tanh(l2 + l3)
    h1 = tanh(c1 * tanh(tanh(l4 * l5) + sigmoid(l6 + l7)))
    return h1, (h1, c1)


def ordered(p: P, x: Tensor, h: Tensor, c: Tensor) -> Two:
    """ON-LSTM: Shen, Tan, Sordoni, Courville (2019); a master gate is shared by C neurons in a row."""
    i = sigmoid(pre(p, "i", x, h))
    f = sigmoid(pre(p, "f", x, h))
    g = tanh(pre(p, "g", x, h))
    o = sigmoid(pre(p, "o", x, h))
    chunk = c.shape[-1] // p.b_mf.shape[0]
    f_tilde = _cumax(pre(p, "mf", x, h)).repeat_interleave(chunk, dim=-1)
    i_tilde = (1 - _cumax(pre(p, "mi", x, h))).repeat_interleave(chunk, dim=-1)
    w = f_tilde * i_tilde
    f_hat = f * w + (f_tilde - w)
    i_hat = i * w + (i_tilde - w)
    c1 = f_hat * c + i_hat * g
    h1 = o * tanh(c1)
    return h1, (h1, c1)


def _cumax(a: Tensor) -> Tensor:
    e = exp(a)
    return torch.cumsum(e / e.sum(dim=-1, keepdim=True), dim=-1)


def phased(p: P, x: Tensor, t: Tensor, h: Tensor, c: Tensor) -> Two:
    """Phased LSTM: Neil, Pfeiffer, Liu (2016), without peepholes; t is (batch), one time a sample."""
    k = _openness(p, t[:, None])
    i = sigmoid(pre(p, "i", x, h))
    f = sigmoid(pre(p, "f", x, h))
    c_tilde = f * c + i * tanh(pre(p, "g", x, h))
    c1 = k * c_tilde + (1 - k) * c
    o = sigmoid(pre(p, "o", x, h))
    h_tilde = o * tanh(c_tilde)
    h1 = k * h_tilde + (1 - k) * h
    return h1, (h1, c1)


def _openness(p: P, t: Tensor) -> Tensor:
    phi = ((t - p.shift) - p.tau * torch.floor((t - p.shift) / p.tau)) / p.tau
    rising, falling, shut = 2 * phi / p.r_on, 2 - 2 * phi / p.r_on, p.alpha * phi
    return torch.where(phi < p.r_on / 2, rising, torch.where(phi < p.r_on, falling, shut))


def slstm(p: P, x: Tensor, h: Tensor, c: Tensor, n: Tensor, m: Tensor) -> Four:
    """sLSTM: Beck et al. (2024), stabilised, with a sigmoid forget gate."""
    i_tilde, f_tilde, z_tilde, o_tilde = (pre(p, gate, x, h) for gate in "ifzo")
    log_f = torch.log(sigmoid(f_tilde))
    m1 = torch.maximum(log_f + m, i_tilde)
    i = exp(i_tilde - m1)
    f = exp(log_f + m - m1)
    c1 = f * c + i * tanh(z_tilde)
    n1 = f * n + i
    h1 = sigmoid(o_tilde) * (c1 / n1)
    return h1, (h1, c1, n1, m1)


def slstm_plain(p: P, x: Tensor, h: Tensor, c: Tensor, n: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """sLSTM before it is stabilised, equations 8 to 14: the same h, and states larger by exp(m)."""
    i, f = exp(pre(p, "i", x, h)), sigmoid(pre(p, "f", x, h))
    c1 = f * c + i * tanh(pre(p, "z", x, h))
    n1 = f * n + i
    h1 = sigmoid(pre(p, "o", x, h)) * c1 / n1
    return h1, (h1, c1, n1)


def mlstm(p: P, x: Tensor, C: Tensor, n: Tensor, m: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """mLSTM: Beck et al. (2024), stabilised; C is (batch, d, d), n (batch, d), m (batch)."""
    q, k, v = _query_key_value(p, x)
    i_tilde, log_f = x @ p.w_i + p.b_i, torch.log(sigmoid(x @ p.w_f + p.b_f))
    m1 = torch.maximum(log_f + m, i_tilde)
    i, f = exp(i_tilde - m1), exp(log_f + m - m1)
    C1 = f[:, None, None] * C + i[:, None, None] * torch.einsum("ba,bc->bac", v, k)
    n1 = f[:, None] * n + i[:, None] * k
    floor = torch.maximum(torch.abs((n1 * q).sum(dim=-1)), exp(-m1))
    h_tilde = torch.einsum("bac,bc->ba", C1, q) / floor[:, None]
    h1 = sigmoid(x @ p.W_o.T + p.b_o) * h_tilde
    return h1, (C1, n1, m1)


def mlstm_plain(p: P, x: Tensor, C: Tensor, n: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """mLSTM before it is stabilised, equations 19 to 27: the same h, and states larger by exp(m)."""
    q, k, v = _query_key_value(p, x)
    i, f = exp(x @ p.w_i + p.b_i), sigmoid(x @ p.w_f + p.b_f)
    C1 = f[:, None, None] * C + i[:, None, None] * torch.einsum("ba,bc->bac", v, k)
    n1 = f[:, None] * n + i[:, None] * k
    floor = torch.clamp(torch.abs((n1 * q).sum(dim=-1)), min=1)
    h1 = sigmoid(x @ p.W_o.T + p.b_o) * torch.einsum("bac,bc->ba", C1, q) / floor[:, None]
    return h1, (C1, n1)


def _query_key_value(p: P, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    d = p.W_k.shape[0]
    return x @ p.W_q.T + p.b_q, (x @ p.W_k.T) / d**0.5 + p.b_k, x @ p.W_v.T + p.b_v


def min_lstm(p: P, x: Tensor, h: Tensor) -> One:
    """minLSTM: Feng et al. (2024); gates do not look at the state, and sum to one."""
    f = sigmoid(x @ p.W_f.T + p.b_f)
    i = sigmoid(x @ p.W_i.T + p.b_i)
    h_tilde = x @ p.W_h.T + p.b_h
    f_prime, i_prime = f / (f + i), i / (f + i)
    h1 = f_prime * h + i_prime * h_tilde
    return h1, (h1,)
