"""The models: torch.nn.LSTM, and the generated LSTM from the same weights, each with a readout."""

from __future__ import annotations

import copy
import functools
import importlib
from typing import Any

import torch

from lstmspec import layout
from lstmspec.emit import imported
from lstmspec.procedure import folder

from ..lstm import LSTM
from ._network import Model


@functools.cache
def generated() -> Any:
    """The class of the PyTorch model, as `lstmspec generate LSTM` writes it."""
    with imported([LSTM.system]) as package:
        return getattr(importlib.import_module(f"{package}.{folder(LSTM.__name__)}.torch"), LSTM.__name__)


def from_torch(theirs: torch.nn.LSTM) -> Any:
    """The generated LSTM with the weights of a one-layer torch.nn.LSTM."""
    spec = layout(LSTM, "pytorch").to_spec(theirs.state_dict())
    return generated().from_spec({name: torch.tensor(value) for name, value in spec.items()})


def models(k: int, seed: int) -> tuple[Model, Model, Model]:
    """torch.nn.LSTM, the generated LSTM from the same weights, and one whose h is the prediction (so k = 1)."""
    torch.manual_seed(seed)
    theirs, readout = torch.nn.LSTM(1, k), torch.nn.Linear(k, 1)
    ours = Model(from_torch(theirs), copy.deepcopy(readout))
    return Model(theirs, readout), ours, Model(generated()(n=1, k=1), torch.nn.Identity())
