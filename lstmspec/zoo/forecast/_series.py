"""The sunspot series and the errors of its forecasts.

No value of the test years takes part in scaling, and everything is in the unit of the series.
"""

from __future__ import annotations

import importlib

import numpy as np

LIBRARIES = ("matplotlib", "statsmodels")  # imported where they are used
Array = np.ndarray[tuple[int], np.dtype[np.float64]]


def series() -> tuple[Array, Array]:
    """The years 1700 to 2008 and the sunspot number of each, from the NOAA, as statsmodels bundles them."""
    table = importlib.import_module("statsmodels.datasets.sunspots").load_pandas().data
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
