"""Cells of torch.nn and torchrecurrent as counterparts, in float64, with the paper's parameters in their places.

Where a library has two biases that are added, each gets a share of the one, so that both are seen to be used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from ._row import Counterpart, Finals
from ._steps import run

P = SimpleNamespace
LIBRARIES = ("torchrecurrent", "onnx", "onnxruntime")  # imported by the counterparts that run them
SHARES = 0.25, 0.75  # of the two biases; sums of such products are exact


def stacked(p: P, letter: str, names: str) -> Tensor:
    """Blocks of some gates' parameters, below one another."""
    return torch.cat([getattr(p, f"{letter}_{name}" if name != "." else letter) for name in names.split()])


def biases(p: P, names: str) -> tuple[Tensor, Tensor]:
    """Two that add up to the paper's, but for a candidate that has two in the paper too: the last one, with `b_u`."""
    bias = stacked(p, "b", names)
    ours, theirs = SHARES[0] * bias, SHARES[1] * bias
    if not hasattr(p, "b_u"):
        return ours, theirs
    k = len(p.b_u)
    return torch.cat([ours[:-k], bias[-k:]]), torch.cat([theirs[:-k], p.b_u])


# -- torch.nn ----------------------------------------------------------------------------------------------------------


def torch_nn(kind: str, names: str, projection: str | None = None, **options: object) -> Counterpart:
    """torch.nn.RNN, LSTM or GRU; `names` are the paper's gates in the library's order, `.` where it has one alone."""

    def results(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
        (x,), width = inputs, {"proj_size": states[0].shape[-1]} if projection else {}
        module = getattr(torch.nn, kind)(x.shape[-1], states[-1].shape[-1], dtype=x.dtype, **options, **width)
        ours, theirs = biases(p, names)
        weights = {
            "weight_ih_l0": stacked(p, "W", names),
            "weight_hh_l0": stacked(p, "U", names),
            "bias_ih_l0": ours,
            "bias_hh_l0": theirs,
        } | ({"weight_hr_l0": getattr(p, projection)} if projection else {})
        first = tuple(state[None] for state in states)
        ys, last = functional_call(module, weights, (x, first if len(first) > 1 else first[0]))
        return ys, tuple(state[0] for state in (last if len(first) > 1 else (last,)))

    return Counterpart(f"torch.nn.{kind}", results)


# -- torchrecurrent ----------------------------------------------------------------------------------------------------

Weights = Callable[[P], Mapping[str, Tensor]]


def _torchrecurrent() -> Any:
    return importlib.import_module("torchrecurrent")


def blocks(names: str) -> Weights:
    """Gates below one another, in the library's order."""

    def made(p: P) -> dict[str, Tensor]:
        ours, theirs = biases(p, names)
        weights = {"weight_ih": stacked(p, "W", names), "weight_hh": stacked(p, "U", names)}
        return weights | {"bias_ih": ours, "bias_hh": theirs}

    return made


def torchrecurrent_cell(
    kind: str,
    weights: Weights,
    twice: bool = False,
    differs: str | None = None,
    note: str = "",
    options: Callable[[P], Mapping[str, object]] = lambda p: {},
) -> Counterpart:
    """A cell of torchrecurrent, step by step; `twice`: it has h and c, where the paper has one state for both."""

    def results(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
        x = inputs[0]
        module = getattr(_torchrecurrent(), kind)(x.shape[-1], states[-1].shape[-1], **options(p)).to(x.dtype)
        given = dict(weights(p))
        if missing := {name for name, _ in module.named_parameters()} ^ given.keys():  # functional_call allows it
            raise TypeError(f"{kind} and what it was given differ in {sorted(missing)}")

        def step(_: P, x: Tensor, *now: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
            before = (*now, *now) if twice else now
            new = functional_call(module, given, (x, before if len(before) > 1 else before[0]))
            if not isinstance(new, tuple):
                return new, (new,)
            return new[0], new[1:] if twice or _decoupled(module) else new

        return run(step, p, inputs, states)

    return Counterpart(f"torchrecurrent{note}", results, differs=differs)


def _decoupled(module: torch.nn.Module) -> bool:
    """Whether the cell gives its output beside the new state."""
    return isinstance(module, _torchrecurrent().base.DecoupledSingleStateCellBase)
