"""What passes of PyTorch models call, and what parameters of PyTorch models start from."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor


def flat(u: Tensor) -> Tensor:
    """(time, batch, size) as (time * batch, size): a sum of outer products over both is one product."""
    return u.reshape(-1, u.shape[-1])


def heaviside(u: Tensor) -> Tensor:
    """0 below 0, 1 above it, 1/2 at it."""
    return (torch.sign(u) + 1) / 2


def padded(u: Tensor, before: int, after: int, axis: int) -> Tensor:
    """Zeros before and after, along an axis counted from the last, which is -1.

    The sizes may be symbols, which torch.nn.functional.pad does not take.
    """
    sides = (u.new_zeros((*u.shape[:axis], count, *u.shape[axis:][1:])) for count in (before, after))
    return torch.cat([next(sides), u, next(sides)], axis)


def orthogonal(array: Tensor, gain: float) -> None:
    """Fill a matrix with gain times orthonormal columns, or rows where there are fewer."""
    dtype = torch.promote_types(array.dtype, torch.float32)  # narrower ones have no QR factorisation
    array.copy_(torch.nn.init.orthogonal_(torch.empty(array.shape, dtype=dtype, device=array.device), gain))


def spread(array: Tensor, low: float, high: float) -> None:
    """Fill a vector with numbers from low to high; in float64, rounded once, so that they are NumPy's."""
    array.copy_(torch.linspace(low, high, len(array), dtype=torch.float64))


RULES: Mapping[str, Callable[..., Any]] = {
    "constant": lambda array, value: array.fill_(value),
    "uniform": lambda array, low, high: array.uniform_(low, high),
    "normal": lambda array, std: array.normal_(0, std),
    "log_uniform": lambda array, low, high: array.uniform_(math.log(low), math.log(high)).exp_(),
    "chrono": lambda array, steps: array.uniform_(1, steps - 1).log_(),
    "spread": spread,
    "orthogonal": orthogonal,
    "identity": lambda array, scale: array.zero_().fill_diagonal_(scale),
    "glorot_uniform": torch.nn.init.xavier_uniform_,
    "lecun_uniform": lambda array: torch.nn.init.kaiming_uniform_(array, nonlinearity="linear"),
}
