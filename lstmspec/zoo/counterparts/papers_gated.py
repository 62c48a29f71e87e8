"""The GRU and other cells whose state is what they emit, in the papers' lines and letters."""

from __future__ import annotations

from types import SimpleNamespace

from torch import Tensor, relu, sigmoid, tanh

from ._steps import pre

One = tuple[Tensor, tuple[Tensor]]
P = SimpleNamespace


def gru_reset_after(p: P, x: Tensor, h: Tensor) -> One:
    """Cho et al. (2014), first version of the preprint, with a bias b_u of its own for the recurrent product."""
    z = sigmoid(pre(p, "z", x, h))
    r = sigmoid(pre(p, "r", x, h))
    m = tanh(x @ p.W_m.T + p.b_m + r * (h @ p.U_m.T + p.b_u))
    h1 = z * h + (1 - z) * m
    return h1, (h1,)


def gru_reset_before(p: P, x: Tensor, h: Tensor) -> One:
    """Cho et al. (2014), third version of the preprint."""
    z = sigmoid(pre(p, "z", x, h))
    r = sigmoid(pre(p, "r", x, h))
    m = tanh(x @ p.W_m.T + (r * h) @ p.U_m.T + p.b_m)
    h1 = z * h + (1 - z) * m
    return h1, (h1,)


def augru(p: P, x: Tensor, a: Tensor, h: Tensor) -> One:
    """AUGRU: Zhou et al. (2019); attention a, (batch), closes the update gate; reset before, as in their code."""
    z = sigmoid(pre(p, "z", x, h))
    r = sigmoid(pre(p, "r", x, h))
    m = tanh(x @ p.W_m.T + (r * h) @ p.U_m.T + p.b_m)
    z_tilde = (1 - a[:, None]) * z
    h1 = z_tilde * h + (1 - z_tilde) * m
    return h1, (h1,)


def augru_reset_after(p: P, x: Tensor, a: Tensor, h: Tensor) -> One:
    """AUGRU with the reset gate after the recurrent product, as in the paper's equations."""
    z = sigmoid(pre(p, "z", x, h))
    r = sigmoid(pre(p, "r", x, h))
    m = tanh(x @ p.W_m.T + p.b_m + r * (h @ p.U_m.T + p.b_u))
    z_tilde = (1 - a[:, None]) * z
    h1 = z_tilde * h + (1 - z_tilde) * m
    return h1, (h1,)


def mgu(p: P, x: Tensor, h: Tensor) -> One:
    """Zhou, Wu, Zhang, Zhou (2016): one gate for both."""
    f = sigmoid(pre(p, "f", x, h))
    m = tanh(pre(p, "m", x, f * h))
    h1 = (1 - f) * h + f * m
    return h1, (h1,)


def mut1(p: P, x: Tensor, h: Tensor) -> One:
    """MUT1 of Jozefowicz, Zaremba, Sutskever (2015); tanh(x) is added to a state, so n = k."""
    z = sigmoid(x @ p.W_z.T + p.b_z)
    r = sigmoid(x @ p.W_r.T + h @ p.U_r.T + p.b_r)
    h1 = tanh((r * h) @ p.U_h.T + tanh(x) + p.b_h) * z + h * (1 - z)
    return h1, (h1,)


def mut2(p: P, x: Tensor, h: Tensor) -> One:
    """MUT2 of Jozefowicz, Zaremba, Sutskever (2015); x is added to a state, so n = k."""
    z = sigmoid(x @ p.W_z.T + h @ p.U_z.T + p.b_z)
    r = sigmoid(x + h @ p.U_r.T + p.b_r)
    h1 = tanh((r * h) @ p.U_h.T + x @ p.W_h.T + p.b_h) * z + h * (1 - z)
    return h1, (h1,)


def mut3(p: P, x: Tensor, h: Tensor) -> One:
    """MUT3 of Jozefowicz, Zaremba, Sutskever (2015)."""
    z = sigmoid(x @ p.W_z.T + tanh(h) @ p.U_z.T + p.b_z)
    r = sigmoid(x @ p.W_r.T + h @ p.U_r.T + p.b_r)
    h1 = tanh((r * h) @ p.U_h.T + x @ p.W_h.T + p.b_h) * z + h * (1 - z)
    return h1, (h1,)


def ugrnn(p: P, x: Tensor, h: Tensor) -> One:
    """UGRNN: Collins, Sohl-Dickstein, Sussillo (2017)."""
    c = tanh(pre(p, "m", x, h))
    g = sigmoid(pre(p, "g", x, h))
    h1 = g * h + (1 - g) * c
    return h1, (h1,)


def intersection(p: P, x: Tensor, h: Tensor) -> One:
    """+RNN: Collins, Sohl-Dickstein, Sussillo (2017); x is emitted where g_y is open, so n = k."""
    y_in = relu(pre(p, "y", x, h))
    h_in = tanh(pre(p, "h", x, h))
    g_y = sigmoid(pre(p, "gy", x, h))
    g_h = sigmoid(pre(p, "gh", x, h))
    y1 = g_y * x + (1 - g_y) * y_in
    h1 = g_h * h + (1 - g_h) * h_in
    return y1, (h1,)


def ligru(p: P, x: Tensor, h: Tensor) -> One:
    """Li-GRU: Ravanelli, Brakel, Omologo, Bengio (2018), without batch normalisation."""
    z = sigmoid(pre(p, "z", x, h))
    m = relu(pre(p, "m", x, h))
    h1 = z * h + (1 - z) * m
    return h1, (h1,)


def miru(p: P, x: Tensor, h: Tensor) -> One:
    """MiRU: a fixed share `lam` of the state is kept."""
    r = sigmoid(pre(p, "r", x, h))
    m = tanh(pre(p, "m", x, r * h))
    h1 = p.lam * h + (1 - p.lam) * m
    return h1, (h1,)
