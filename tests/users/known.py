"""Cells from the literature, as the language writes them now; test_lints.py has what is said of each."""

from lstmspec import (
    Bias,
    Cell,
    Constant,
    Input,
    Output,
    State,
    Weight,
    affine,
    concat,
    cos,
    dims,
    dot,
    exp,
    identity,
    linear,
    maximum,
    outer,
    relu,
    sigmoid,
    tanh,
)
from lstmspec.zoo.gru import GRU
from lstmspec.zoo.lstm import LSTM

n, k, p, d = dims("n k p d")


class MGU(Cell):
    """G.-B. Zhou et al. (2016)."""

    x, h = Input(n), State(k)
    f = sigmoid(affine(x, h))
    m = tanh(affine(x, f * h))
    h.next = (1 - f) * h + f * m


class MUT1(Cell):
    """R. Jozefowicz et al. (2015); the input has the state's size."""

    x, h = Input(k), State(k)
    b = Bias(k)
    z = sigmoid(affine(x))
    r = sigmoid(affine(x, h))
    h.next = tanh(linear(r * h) + tanh(x) + b) * z + h * (1 - z)


class MUT2(Cell):
    """R. Jozefowicz et al. (2015)."""

    x, h = Input(k), State(k)
    z = sigmoid(affine(x, h))
    r = sigmoid(x + affine(h))
    h.next = tanh(affine(r * h, x)) * z + h * (1 - z)


class MUT3(Cell):
    """R. Jozefowicz et al. (2015)."""

    x, h = Input(n), State(k)
    z = sigmoid(affine(x, tanh(h)))
    r = sigmoid(affine(x, h))
    h.next = tanh(affine(r * h, x)) * z + h * (1 - z)


class UGRNN(Cell):
    """J. Collins et al. (2017)."""

    x, h = Input(n), State(k)
    m, g = tanh(affine(x, h)), sigmoid(affine(x, h))
    h.next = g * h + (1 - g) * m


class IntersectionRNN(Cell):
    """J. Collins et al. (2017)."""

    x, h = Input(k), State(k)
    y_in, h_in = relu(affine(x, h)), tanh(affine(x, h))
    g_y, g_h = sigmoid(affine(x, h)), sigmoid(affine(x, h))
    h.next = g_h * h + (1 - g_h) * h_in
    y = Output(g_y * x + (1 - g_y) * y_in)


class LiGRU(Cell):
    """M. Ravanelli et al. (2018), without batch norm."""

    x, h = Input(n), State(k)
    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * relu(affine(x, h))


class MinGRU(Cell):
    """L. Feng et al. (2024)."""

    x, h = Input(n), State(k)
    z = sigmoid(affine(x))
    h.next = (1 - z) * h + z * affine(x, name="m")


class MinLSTM(Cell):
    """L. Feng et al. (2024)."""

    x, h = Input(n), State(k)
    f, i = sigmoid(affine(x)), sigmoid(affine(x))
    h.next = f / (f + i) * h + i / (f + i) * affine(x, name="m")


class RAN(Cell):
    """K. Lee et al. (2017)."""

    x, h, c = Input(n), State(k), State(k)
    i, f = sigmoid(affine(x, h)), sigmoid(affine(x, h))
    c.next = i * linear(x, name="m") + f * c
    h.next = tanh(c.next)


class JANET(Cell):
    """J. van der Westhuizen, J. Lasenby (2018): the two gates overlap."""

    x, h = Input(n), State(k)
    beta = Constant(1.0)
    q = affine(x, h)
    h.next = sigmoid(q) * h + (1 - sigmoid(q - beta)) * tanh(affine(x, h, name="c"))


class LSTMP(Cell):
    """H. Sak et al. (2014): a recurrent projection."""

    x, h, c = Input(n), State(p), State(k)
    i, f, g, o = sigmoid(affine(x, h)), sigmoid(affine(x, h)), tanh(affine(x, h)), sigmoid(affine(x, h))
    c.next = f * c + i * g
    h.next = linear(o * tanh(c.next))


class NoInputActivation(LSTM):
    """K. Greff et al. (2017)."""

    g = identity(affine(LSTM.x, LSTM.h))


class NoOutputGate(LSTM):
    """K. Greff et al. (2017): a gate that is one, with its parameters gone."""

    o = 1.0


class FullGateRecurrence(Cell):
    """K. Greff et al. (2017): the gates read one another's previous values."""

    x, h, c = Input(n), State(k), State(k)
    gi, gf, go = State(k), State(k), State(k)
    p_i, p_f, p_o = Weight(k), Weight(k), Weight(k)
    gi.next = sigmoid(affine(x, h, gi, gf, go) + p_i * c)
    gf.next = sigmoid(affine(x, h, gi, gf, go) + p_f * c)
    c.next = gf.next * c + gi.next * tanh(affine(x, h))
    go.next = sigmoid(affine(x, h, gi, gf, go) + p_o * c.next)
    h.next = go.next * tanh(c.next)


class MultiplicativeLSTM(Cell):
    """B. Krause et al. (2016)."""

    x, h, c = Input(n), State(k), State(k)
    m = linear(x, name="mx", size=k) * linear(h, name="mh")
    i, f, g, o = sigmoid(affine(x, m)), sigmoid(affine(x, m)), tanh(affine(x, m)), sigmoid(affine(x, m))
    c.next = f * c + i * g
    h.next = o * tanh(c.next)


class AUGRU(GRU):
    """G. Zhou et al. (2019): attention scales the update."""

    a = Input(())
    update = sigmoid(affine(GRU.x, GRU.h))
    z = (1 - a) * update


class NAS(Cell):
    """B. Zoph, Q. V. Le (2017)."""

    x, h, c = Input(n), State(k), State(k)
    l0, l1 = sigmoid(affine(x, h)), relu(affine(x, h))
    l2, l3 = sigmoid(affine(x, h)), relu(linear(x, name="u") * linear(h, name="v"))
    l4, l5, l6, l7 = tanh(affine(x, h)), sigmoid(affine(x, h)), tanh(affine(x, h)), sigmoid(affine(x, h))
    c.next = tanh(tanh(l0 * l1) + c) * tanh(l2 + l3)
    h.next = tanh(c.next * tanh(tanh(l4 * l5) + sigmoid(l6 + l7)))


class AntisymmetricRNN(Cell):
    """B. Chang et al. (2019), gated."""

    x, h = Input(n), State(k)
    W, eps, gamma = Weight(k, k), Constant(0.01), Constant(0.01)
    a = (W - W.T) @ h - gamma * h
    z = sigmoid(a + affine(x))
    h.next = h + eps * z * tanh(a + affine(x, name="V"))


class CoRNN(Cell):
    """T. K. Rusch, S. Mishra (2021): coupled oscillators."""

    x, y, z = Input(n), State(k), State(k)
    dt, gamma, eps = Constant(0.05), Constant(1.0), Constant(1.0)
    z.next = z + dt * (tanh(affine(y, z, x)) - gamma * y - eps * z)
    y.next = y + dt * z.next


class IndRNN(Cell):
    """S. Li et al. (2018)."""

    x, h = Input(n), State(k)
    u = Weight(k)
    h.next = relu(affine(x) + u * h)


class SRU(Cell):
    """T. Lei et al. (2018), second version; the input has the state's size."""

    x, c = Input(k), State(k)
    v_f, v_r = Weight(k), Weight(k)
    f = sigmoid(affine(x) + v_f * c)
    r = sigmoid(affine(x) + v_r * c)
    c.next = f * c + (1 - f) * linear(x)
    y = Output(r * tanh(c.next) + (1 - r) * x)


class QRNN(Cell):
    """J. Bradbury et al. (2017), window 2, fo-pooling: the previous input is a state."""

    x, last, c = Input(n), State(n), State(k)
    z, f, o = tanh(affine(last, x)), sigmoid(affine(last, x)), sigmoid(affine(last, x))
    last.next = x
    c.next = f * c + (1 - f) * z
    y = Output(o * c.next)


class TRNN(Cell):
    """D. Balduzzi, M. Ghifary (2016)."""

    x, h = Input(n), State(k)
    f = sigmoid(affine(x))
    h.next = f * h + (1 - f) * linear(x)


class SLSTM(Cell):
    """M. Beck et al. (2024), stabilised."""

    x, h, c, v, m = Input(n), State(k), State(k), State(k), State(k)
    a_i, a_f = affine(x, h), affine(x, h)
    decay = -maximum(-a_f, 0) + m
    m.next = maximum(a_i, decay)
    i, f = exp(a_i - m.next), exp(decay - m.next)
    c.next = f * c + i * tanh(affine(x, h))
    v.next = f * v + i
    h.next = sigmoid(affine(x, h)) * c.next / v.next


class LinearAttention(Cell):
    """A. Katharopoulos et al. (2020), with a decay."""

    x, S, z = Input(n), State(d, d), State(d)
    q, key, value = exp(affine(x)), exp(affine(x)), affine(x)
    S.next = 0.9 * S + outer(value, key)
    z.next = 0.9 * z + key
    y = Output(S.next @ q / maximum(dot(z.next, q), 1e-6))


class GatedTime(Cell):
    """A decay by the time since the last observation, as in GRU-D (Z. Che et al., 2018)."""

    x, gap, h = Input(n), Input(()), State(k)
    w, b = Weight(k), Bias(k)
    decay = exp(-relu(w * gap + b))
    old = decay * h
    z = sigmoid(affine(x, old))
    h.next = (1 - z) * old + z * tanh(affine(x, old))


class Rhythm(Cell):
    """A gate that is a wave of time, bounded without a sigmoid."""

    x, t, h = Input(n), Input(()), State(k)
    w, b = Weight(k), Bias(k)
    g = 0.5 + 0.5 * cos(w * t + b)
    h.next = g * tanh(affine(concat(x, h))) + (1 - g) * h
