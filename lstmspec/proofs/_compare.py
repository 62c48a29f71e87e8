"""Arrays under names beside those that they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Difference:
    """The largest of some differences, and the array that has it; infinite where names, shapes or numbers are wrong."""

    error: float = 0.0
    what: str = ""

    def __str__(self) -> str:
        return self.what if self.error == np.inf else f"{self.what} differs by {self.error:.2g}"


def largest_difference(actual: Any, expected: Any) -> float:
    """The largest difference of two arrays, relative to the largest value; NaN where one is NaN or infinite."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if not actual.size:
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(actual - expected)) / max(float(np.max(np.abs(expected))), 1e-3))


def difference(actual: Arrays, expected: Arrays) -> Difference:
    """The largest difference of all arrays."""
    if actual.keys() != expected.keys():
        missing, more = sorted(expected.keys() - actual.keys()), sorted(actual.keys() - expected.keys())
        return Difference(np.inf, f"{', '.join(missing or more)} {'missing' if missing else 'too many'}")
    return max((_difference(name, actual[name], value) for name, value in expected.items()), default=Difference())


def _difference(name: str, actual: Any, expected: Any) -> Difference:
    if np.shape(actual) != np.shape(expected):
        return Difference(np.inf, f"{name} has shape {np.shape(actual)}, expected {np.shape(expected)}")
    for value, words in ((actual, "is not finite"), (expected, "is compared with what is not finite")):
        if np.iscomplexobj(value) or not np.all(np.isfinite(value)):
            return Difference(np.inf, f"{name} {words}")
    return Difference(largest_difference(actual, expected), name)
