"""What passes of NumPy models call, and what parameters of NumPy models start from."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


def sigmoid(u: Array) -> Array:
    """1 / (1 + exp(-u)); the exponential is taken of -|u|, which cannot overflow."""
    e = np.exp(-np.abs(u))
    return np.asarray(np.where(u >= 0, 1, e) / (1 + e))


def softmax(u: Array) -> Array:
    """exp(u) / sum(exp(u)) over the features; the largest is subtracted first, so that nothing overflows."""
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def softsign(u: Array) -> Array:
    """u / (1 + |u|)"""
    return np.asarray(u / (1 + np.abs(u)))


def flat(u: Array) -> Array:
    """(time, batch, size) as (time * batch, size): a sum of outer products over both is one product."""
    return u.reshape(-1, u.shape[-1])


def padded(u: Array, before: int, after: int, axis: int) -> Array:
    """Zeros before and after, along an axis counted from the last, which is -1."""
    widths = [(0, 0)] * u.ndim
    widths[axis] = (before, after)
    return np.pad(u, widths)


def orthogonal(rng: np.random.Generator, shape: Shape, gain: float) -> Array:
    """gain * Q, where Q R is a matrix of normal numbers: orthonormal columns, or rows where there are fewer."""
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q = q * np.where(np.diagonal(r) < 0, -1, 1)  # R with a positive diagonal is unique: no matrix is favoured
    return np.asarray(gain * (q if shape[0] >= shape[1] else q.T))


RULES: Mapping[str, Callable[..., Any]] = {
    "constant": lambda rng, shape, value: np.full(shape, value),
    "uniform": lambda rng, shape, low, high: rng.uniform(low, high, shape),
    "normal": lambda rng, shape, std: rng.normal(0, std, shape),
    "log_uniform": lambda rng, shape, low, high: np.exp(rng.uniform(math.log(low), math.log(high), shape)),
    "chrono": lambda rng, shape, steps: np.log(rng.uniform(1, steps - 1, shape)),
    "spread": lambda rng, shape, low, high: np.linspace(low, high, *shape),
    "orthogonal": orthogonal,
    "identity": lambda rng, shape, scale: scale * np.eye(*shape),
    "glorot_uniform": lambda rng, shape: math.sqrt(6 / sum(shape)) * rng.uniform(-1, 1, shape),
    "lecun_uniform": lambda rng, shape: math.sqrt(3 / shape[1]) * rng.uniform(-1, 1, shape),
}
