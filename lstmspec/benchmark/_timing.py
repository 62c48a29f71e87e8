"""Lines of the report, times by turns, and values that must agree before anything is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

Work = Callable[[], Any]
T = TypeVar("T")


class Different(Exception):
    """Values that should agree do not; there is nothing to time."""


@dataclass(frozen=True)
class Timing:
    """A line of the report.

    Attributes:
        part: The part that it belongs to, a letter.
        name: Its name.
        ms: The median, in milliseconds.
        ratio: Of it and another time.
        unit: How to read the ratio.
        holds: Whether the claim about it holds; None when there is none.

    """

    part: str
    name: str
    ms: float
    ratio: float | None = None
    unit: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Plan:
    """How much is measured, and who is told of each step."""

    quick: bool
    step: Callable[[str], None]

    def pick(self, full: T, quick: T) -> T:
        """One of two amounts."""
        return quick if self.quick else full

    def claim(self, holds: bool) -> bool | None:
        """Whether a claim holds; claims are about the full sizes, so a quick run says nothing of them."""
        return self.pick(holds, None)


def turns(work: Mapping[str, Work], repeats: int) -> dict[str, list[float]]:
    """The times of each in milliseconds; they take turns, there and back, so that a slow moment is shared by all."""
    found: dict[str, list[float]] = {name: [] for name in work}
    for function in work.values():
        function()
    for turn in range(repeats):
        for name in list(work)[:: -1 if turn % 2 else 1]:
            found[name].append(once(work[name]))
    return found


def once(function: Work) -> float:
    """How long it takes now, in milliseconds."""
    start = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - start)


def medians(work: Mapping[str, Work], repeats: int) -> dict[str, float]:
    """The median time of each in milliseconds, by turns."""
    return {name: statistics.median(times) for name, times in turns(work, repeats).items()}


def excess(times: Sequence[float], others: Sequence[float]) -> float:
    """How much longer times are than others, by their first quartiles: what disturbs a run only ever adds to it."""
    left, right = (statistics.quantiles(found, n=4, method="inclusive")[0] for found in (times, others))
    return left - right


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The p for which time grows as size**p: the slope of the least-squares line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def agree(what: str, actual: Any, expected: Any, tolerance: float) -> None:
    """Raise Different unless two arrays have one shape and one value, relative to the largest."""
    left, right = (
        np.asarray(value.detach().cpu() if isinstance(value, torch.Tensor) else value) for value in (actual, expected)
    )
    if left.shape != right.shape:
        raise Different(f"{what}: shape {left.shape}, expected {right.shape}")
    error = float(np.max(np.abs(left - right), initial=0) / max(np.max(np.abs(right), initial=0), 1e-3))
    if not error <= tolerance:
        raise Different(f"{what}: differs by {error:.3g}, more than {tolerance:.3g}")
