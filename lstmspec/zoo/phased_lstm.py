"""LSTM with a time gate."""

from math import e

from lstmspec import Constant, Input, State, Weight, allow, dims, init, mod, tanh, where

from .lstm import LSTM

(k,) = dims("k")


class PhasedLSTM(LSTM):
    """A unit changes only while its own oscillation, of period tau, is open: the part r_on of every period.

    D. Neil, M. Pfeiffer, S.-C. Liu, "Phased LSTM", NeurIPS (2016), without its peepholes. t is the time of a step, in
    the units of tau and shift; tau is positive, r_on lies between 0 and 1, alpha is the leak of a closed gate. tau and
    r_on start as there, shift anywhere in the longest period: only its rest after division by tau counts.
    """

    t = Input(())
    tau, shift = Weight(k, init=init.log_uniform(1, e**3)), Weight(k, init=init.uniform(0, e**3))
    r_on = Weight(k, init=0.05)
    alpha = Constant(0.001)

    phi = allow(mod(t - shift, tau) / tau, LS307="a period is positive")
    rise = allow(2 * phi / r_on, LS307="a gate that never opens is not asked for")
    kt = where(phi < r_on / 2, rise, where(phi < r_on, 2 - rise, alpha * phi))
    c_new = LSTM.f * LSTM.c + LSTM.i * LSTM.g
    h_new = LSTM.o * tanh(c_new)
    h, c = State(k), State(k)
    c.next = kt * c_new + (1 - kt) * c
    h.next = kt * h_new + (1 - kt) * h
