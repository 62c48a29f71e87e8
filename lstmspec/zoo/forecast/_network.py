"""A recurrent module with a readout. It knows nothing of lstmspec, nor do training and its data."""

from __future__ import annotations

import torch


class Model(torch.nn.Module):
    """A recurrent module, then a readout from k to one number; Identity where h itself is the prediction."""

    def __init__(self, recurrent: torch.nn.Module, readout: torch.nn.Module) -> None:
        super().__init__()
        self.recurrent, self.readout = recurrent, readout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(time, 1, 1) → (time): after each measurement, the forecast of the next."""
        ys: torch.Tensor = self.readout(self.recurrent(x)[0])
        return ys[:, 0, 0]

    def groups(self, rate: float) -> list[dict[str, object]]:
        """The parameters for Adam, with twice the rate for the bias of a generated LSTM.

        torch.nn.LSTM has two biases and uses their sum. Both get the same gradient, so both move by the same step, and
        the sum by two. At twice the rate one bias goes the same way.
        """
        one = {name: p for name, p in self.named_parameters() if name.startswith("recurrent.b_")}
        rest = [p for name, p in self.named_parameters() if name not in one]
        return [{"params": rest, "lr": rate}, {"params": list(one.values()), "lr": 2 * rate}]
