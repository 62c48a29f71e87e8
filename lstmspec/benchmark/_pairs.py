"""Two LSTMs with the same weights: torch.nn.LSTM and the generated one, in PyTorch and in NumPy."""

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from lstmspec.emit import generate, write
from lstmspec.zoo.lstm import LSTM

from .timing import Work, agree

THEIRS, TORCH, NUMPY = "torch.nn.LSTM", "generated PyTorch", "generated NumPy"
Row = tuple[int, int, int, int]  # T, B, n, k


@dataclass(frozen=True)
class Pair:
    """torch.nn.LSTM and the generated models with its weights, with an input."""

    theirs: torch.nn.LSTM
    ours: Any
    nm: ModuleType
    params: Any
    x: torch.Tensor

    def numpy_forward(self) -> Any:
        """The outputs of the NumPy model, from zeros."""
        x = self.x.detach().numpy()
        return self.nm.forward(self.params, x, self.nm.zeros(x.shape[1], self.theirs.hidden_size, dtype=x.dtype))[0]

    @property
    def forward(self) -> dict[str, Work]:
        """The forward pass of each model, from zeros: the outputs."""
        return {
            THEIRS: lambda: self.theirs(self.x)[0],
            TORCH: lambda: self.ours(self.x)[0],
            NUMPY: self.numpy_forward,
        }

    @property
    def training(self) -> dict[str, Work]:
        """Forward and backward of the models that have both."""
        return {THEIRS: lambda: trained(self.theirs, self.x), TORCH: lambda: trained(self.ours, self.x)}


@contextmanager
def generated() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The NumPy and PyTorch modules of the LSTM, generated now."""
    with tempfile.TemporaryDirectory() as place:
        package = f"bench_models_{os.getpid()}_{time.monotonic_ns()}"
        write(generate([LSTM.system]), Path(place) / package)
        sys.path.insert(0, place)
        try:
            yield importlib.import_module(f"{package}.lstm.numpy"), importlib.import_module(f"{package}.lstm.torch")
        finally:
            sys.path.remove(place)


def pair(modules: tuple[ModuleType, ModuleType], row: Row, dtype: torch.dtype) -> Pair:
    """Both LSTMs at one size."""
    steps, batch, n, k = row
    nm, tm = modules
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(n, k, dtype=dtype)
    spec = copied(theirs)
    params = nm.Params.from_spec({name: value.numpy() for name, value in spec.items()})
    x = torch.randn(steps, batch, n, dtype=dtype, requires_grad=True)
    return Pair(theirs, tm.LSTM.from_spec(spec), nm, params, x)


def copied(theirs: Any) -> dict[str, torch.Tensor]:
    """Its weights under the names of the equations; its two biases are one there."""
    spec: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        gates = zip(theirs.weight_ih_l0.chunk(4), theirs.weight_hh_l0.chunk(4), strict=True)
        bias = (theirs.bias_ih_l0 + theirs.bias_hh_l0).chunk(4)
        for gate, (w_x, w_h), b in zip("ifgo", gates, bias, strict=True):  # the order of torch.nn.LSTM
            spec |= {f"W_{gate}": torch.cat([w_x, w_h], dim=1), f"b_{gate}": b.clone()}
    return spec


def trained(module: Any, x: torch.Tensor) -> torch.Tensor:
    """Forward and backward of the sum of all outputs."""
    y: torch.Tensor = module(x)[0]
    module.zero_grad(set_to_none=True)
    x.grad = None
    torch.autograd.backward(y.sum())
    return y


def verify(both: Pair, tolerance: float) -> None:
    """Outputs and gradients of the three models are the same."""
    expected = trained(both.theirs, both.x)
    wanted = {"x": both.x.grad, "W": both.theirs.weight_ih_l0.grad, "U": both.theirs.weight_hh_l0.grad}
    agree("outputs", trained(both.ours, both.x), expected, tolerance)
    agree("outputs of NumPy", both.numpy_forward(), expected, tolerance)
    spec = both.ours.to_spec(grad=True)
    weights = torch.cat([spec[f"W_{gate}"] for gate in "ifgo"])
    n = both.theirs.input_size
    agree("gradient of x", both.x.grad, wanted["x"], tolerance)
    agree("gradient of the input's weights", weights[:, :n], wanted["W"], tolerance)
    agree("gradient of the state's weights", weights[:, n:], wanted["U"], tolerance)
