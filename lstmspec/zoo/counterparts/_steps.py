"""Steps, of which transcriptions of papers consist, and how one is run over time.

Invariant: a transcription knows nothing of lstmspec. It is one step, in plain PyTorch, on rows of samples: it takes the
paper's parameters, then inputs, then previous states, and gives what is emitted and the new states, in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import torch
from torch import Tensor

Step = Callable[..., tuple[Tensor, tuple[Tensor, ...]]]


def pre(p: SimpleNamespace, gate: str, x: Tensor, h: Tensor) -> Tensor:
    """W_gate x + U_gate h + b_gate: a gate before its activation."""
    w, u, b = (getattr(p, f"{kind}_{gate}") for kind in "WUb")
    found: Tensor = x @ w.T + h @ u.T + b
    return found


def run(
    step: Step, p: SimpleNamespace, inputs: Sequence[Tensor], states: Sequence[Tensor]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """A whole sequence: outputs (time, batch, ...) and the last states, from inputs (time, batch, ...)."""
    now, ys = tuple(states), []
    for xs in zip(*inputs, strict=True):
        y, now = step(p, *xs, *now)
        ys.append(y)
    return torch.stack(ys), now
