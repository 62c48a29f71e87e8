"""Training of a model on the years before the test years, the same for every model."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ._network import Model
from ._series import Array, scale, split_at


@dataclass(frozen=True)
class Budget:
    """How much training: the same for every model."""

    epochs: int
    rate: float = 0.003
    device: str = "cpu"


@dataclass(frozen=True)
class Run:
    """The forecast of values[1:] that a model gives, and its cost."""

    forecast: Array
    parameters: int
    seconds: float


def train(model: Model, values: Array, budget: Budget, tick: Callable[[], None]) -> Run:
    """Fit a model to the training part by gradients through all of its years, then run it over the whole series.

    A forecast sees measurements of earlier years only.
    """
    end = split_at(len(values))
    mean, std = scale(values)
    z = torch.tensor((values - mean) / std, dtype=torch.float32, device=budget.device)
    x, truth = z[:-1, None, None], z[1:]
    optimizer = torch.optim.Adam(model.to(budget.device).groups(budget.rate))
    began = time.perf_counter()
    for _ in range(budget.epochs):
        optimizer.zero_grad()
        torch.autograd.backward(torch.nn.functional.mse_loss(model(x[: end - 1]), truth[: end - 1]))
        optimizer.step()
        tick()
    seconds = time.perf_counter() - began
    with torch.no_grad():
        forecast = model(x).cpu().numpy().astype(np.float64) * std + mean
    return Run(forecast, sum(p.numel() for p in model.parameters()), seconds)
