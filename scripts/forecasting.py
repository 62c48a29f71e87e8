"""What `forecast.py` measures and trains: the sunspot series, its errors, and the models.

No value of the test years takes part in training or in scaling, and a forecast sees measurements of earlier years only.
Everything here is in the unit of the series, except inside a model. Training needs the generated package, not lstmspec.
"""

import copy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from statsmodels.datasets import sunspots
from torch import Tensor

sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # `generated` is a folder of the checkout, not installed

from generated.lstm.torch import LSTM

Array = np.ndarray[tuple[int], np.dtype[np.float64]]


# ---- The series and the errors of its forecasts ----


def series() -> tuple[Array, Array]:
    """The years 1700 to 2008 and the sunspot number of each, from the NOAA, as statsmodels bundles them."""
    table = sunspots.load_pandas().data
    return table["YEAR"].to_numpy(float), table["SUNACTIVITY"].to_numpy(float)


def split_at(count: int) -> int:
    """Where the last fifth of `count` values begins: the test part."""
    return count - count // 5


def persistence(values: Array) -> Array:
    """The forecast of values[1:] that each year is like the one before."""
    return values[:-1]


def rmse(forecast: Array, truth: Array) -> float:
    """Root mean squared error. Raises ValueError when the shapes differ."""
    return float(np.sqrt(np.mean(_errors(forecast, truth) ** 2)))


def mae(forecast: Array, truth: Array) -> float:
    """Mean absolute error. Raises ValueError when the shapes differ."""
    return float(np.mean(np.abs(_errors(forecast, truth))))


def _errors(forecast: Array, truth: Array) -> Array:
    if forecast.shape != truth.shape:  # NumPy would broadcast (t, 1) with (t) and average t * t differences
        raise ValueError(f"forecast {forecast.shape} and truth {truth.shape} differ in shape")
    return forecast - truth


def scale(values: Array) -> tuple[float, float]:
    """Mean and standard deviation of the training part: those of the whole series would tell the future."""
    known = values[: split_at(len(values))]
    return float(known.mean()), float(known.std())


# ---- Models ----


class Model(torch.nn.Module):
    """A recurrent module, then a readout from k to one number; Identity where h itself is the prediction."""

    def __init__(self, recurrent: torch.nn.Module, readout: torch.nn.Module) -> None:
        super().__init__()
        self.recurrent, self.readout = recurrent, readout

    def forward(self, x: Tensor) -> Tensor:
        """(time, 1, 1) → (time): after each measurement, the forecast of the next."""
        ys, _ = self.recurrent(x)
        return self.readout(ys)[:, 0, 0]

    def groups(self, rate: float) -> list[dict[str, object]]:
        """The parameters for Adam, with twice the rate for the bias of a generated LSTM.

        torch.nn.LSTM has two biases and uses their sum. Both get the same gradient, so both move by the same step, and
        the sum by two. At twice the rate one bias goes the same way.
        """
        one = {name: p for name, p in self.named_parameters() if name.startswith("recurrent.b_")}
        rest = [p for name, p in self.named_parameters() if name not in one]
        return [{"params": rest, "lr": rate}, {"params": list(one.values()), "lr": 2 * rate}]


def from_torch(theirs: torch.nn.LSTM) -> LSTM:
    """The generated LSTM with the weights of a one-layer torch.nn.LSTM, which stacks its gates as i, f, g, o."""
    with torch.no_grad():
        weights = torch.cat([theirs.weight_ih_l0, theirs.weight_hh_l0], dim=1).chunk(4)
        biases = (theirs.bias_ih_l0 + theirs.bias_hh_l0).chunk(4)
    parameters = {f"W_{gate}": weight for gate, weight in zip("ifgo", weights, strict=True)}
    return LSTM.from_spec(parameters | {f"b_{gate}": bias for gate, bias in zip("ifgo", biases, strict=True)})


def models(k: int, seed: int) -> tuple[Model, Model, Model]:
    """torch.nn.LSTM, the generated LSTM from the same weights, and one whose h is the prediction (so k = 1)."""
    torch.manual_seed(seed)
    theirs, readout = torch.nn.LSTM(1, k), torch.nn.Linear(k, 1)
    ours = Model(from_torch(theirs), copy.deepcopy(readout))
    return Model(theirs, readout), ours, Model(LSTM(n=1, k=1), torch.nn.Identity())


# ---- Training ----


@dataclass(frozen=True)
class Budget:
    """How much training: the same for every model."""

    epochs: int
    rate: float = 0.003
    device: str = "cpu"


@dataclass(frozen=True)
class Run:
    """The forecast of values[1:] that a model gives, and what it took."""

    forecast: Array
    parameters: int
    seconds: float


def train(model: Model, values: Array, budget: Budget, tick: Callable[[], None]) -> Run:
    """Fit a model to the training part by gradients through all of its years, then run it over the whole series."""
    end = split_at(len(values))
    mean, std = scale(values)
    z = torch.tensor((values - mean) / std, dtype=torch.float32, device=budget.device)
    x, truth = z[:-1, None, None], z[1:]
    optimizer = torch.optim.Adam(model.to(budget.device).groups(budget.rate))
    began = time.perf_counter()
    for _ in range(budget.epochs):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x[: end - 1]), truth[: end - 1]).backward()
        optimizer.step()
        tick()
    seconds = time.perf_counter() - began
    with torch.no_grad():
        forecast = model(x).cpu().numpy().astype(np.float64) * std + mean
    return Run(forecast, sum(p.numel() for p in model.parameters()), seconds)
