"""How far results are apart: one number, and infinity for what cannot be compared at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def largest_difference(actual: Any, expected: Any) -> float:
    """The largest difference of two arrays, relative to the largest value that is expected."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape or not np.all(np.isfinite(expected)):
        return math.inf
    if not expected.size:
        return 0.0
    # below 1e-3 it is absolute: there sums of larger terms cancel
    error = float(np.max(np.abs(actual - expected)) / max(np.max(np.abs(expected)), 1e-3))
    return math.inf if math.isnan(error) else error


def worst(actual: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """The largest difference of any of some named arrays, which must have the same names."""
    if actual.keys() != expected.keys():
        return math.inf
    return max((largest_difference(actual[name], expected[name]) for name in expected), default=0.0)
