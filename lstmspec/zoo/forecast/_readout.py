"""The cell of the example: an LSTM with a readout, so that the prediction is y, not h."""

from __future__ import annotations

from lstmspec import Bias, CellMeta, Output, Weight

from ..lstm import LSTM, k


def with_readout() -> CellMeta:
    """The LSTM with a dense layer after h. It is made here, not declared: the folder has no cell of its own."""

    class Forecaster(LSTM):
        W_y, b_y = Weight(1, k), Bias(1)
        y = Output(W_y @ LSTM.h.next + b_y)

    return Forecaster
