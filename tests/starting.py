"""Cells whose parameters start from every rule, and the rules' meaning told anew: moments, bounds, products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lstmspec import Bias, Cell, CellMeta, Input, State, Weight, affine, dims, init, linear, repeat, sigmoid, tanh
from lstmspec.emit import Case, Runner
from lstmspec.zoo.lstm import LSTM

n, k, C, K = dims("n k C K")
Start = Callable[..., dict[str, Any]]  # start(sizes, seed=…): first values under the names of the equations


class Vectors(Cell):
    """A vector of each rule for vectors."""

    x, h = Input(n), State(k)
    u, g = Weight(k, init=init.uniform(-0.5, 1.5)), Weight(k, init=init.normal(0.3))
    l, c = Weight(k, init=init.log_uniform(0.01, 100)), Weight(k, init=init.chrono(50))
    s, p, q = Bias(k, init=init.spread(3, 6)), Bias(k, init=-2.5), Weight(k)
    h.next = tanh(linear(x) + u * h + g * l * h + c * p * h + s + q)


class Gates(Cell):
    """Gates that are packed, each with its own start."""

    x, h, c = Input(n), State(k), State(k)
    f = sigmoid(affine(x, h, init=(init.glorot_uniform(), init.orthogonal(1.5)), bias_init=1.0))
    i = sigmoid(affine(x, h, init=(init.lecun_uniform(), init.identity(0.5)), bias_init=init.spread(-1, 2)))
    g = tanh(affine(x, h, bias_init=0))
    o = sigmoid(affine(x, h, init=(None, init.orthogonal())))
    c.next = f * c + i * g
    h.next = o * tanh(c.next)


class Alike(LSTM):
    """All gates alike: numbers that are drawn alike are drawn at once, but fans are those of one block."""

    f = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    i = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    g = tanh(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    o = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))


class Whole(Cell):
    """Matrices that are stored as they are: one with several readers, one that acts twice on the same."""

    x, h = Input(n), State(k)
    T = Weight(k, n, init=init.orthogonal(2))
    W = Weight(n, k, init=init.orthogonal())
    a = tanh(T @ x) * (T @ tanh(W @ h))
    b = linear(x, x, h, name="both", init=(init.normal(0.2), init.lecun_uniform(), init.identity(-1)), size=k)
    d = linear(x, x, name="same", init=init.normal(0.7), size=k)
    h.next = a * b + d


class Compound(Cell):
    """Sizes that are sums and products, and scalars."""

    x, h = Input(n), State(C * K)
    W, b = Weight(2 * n, C * K, init=init.glorot_uniform()), Bias(C * K, init=init.spread(0, 1))
    s, t = Weight((), init=init.log_uniform(2, 3)), Weight((), init=init.chrono(10))
    u, v = Weight((), init=init.uniform(4, 5)), Weight((), init=7)
    y = linear(tanh(W @ h), x, init=init.lecun_uniform())
    h.next = tanh(y) * repeat(linear(x, name="r", size=K), C) * s * t * u * v + b * h


class Bare(Cell):
    """No parameters."""

    x, h = Input(k), State(k)
    h.next = x + tanh(h)


class Redrawn(Gates):
    """A variant has what it does not redefine."""

    i = sigmoid(affine(Gates.x, Gates.h))


OWN: dict[str, CellMeta] = {cell.__name__: cell for cell in (Vectors, Gates, Alike, Whole, Compound, Bare, Redrawn)}


def start_of(model: Runner, cell: CellMeta) -> Start:
    """First values of a model."""
    return lambda sizes, seed=0: model.start(Case(cell, sizes, {}, {}, {}), seed)


# -- meanings of the rules ---------------------------------------------------------------------------------------------


def is_uniform(values, low, high):
    """Uniform between bounds: within them, next to them, and with the moments. Raises AssertionError."""
    assert values.size > 150
    assert low <= values.min() and values.max() <= high
    place = (values.ravel() - low) / (high - low)
    slack = 5 / np.sqrt(values.size)
    assert max(place.min(), 1 - place.max()) < 15 / values.size  # wrong once in three million
    assert abs(place.mean() - 1 / 2) < slack * 12**-0.5
    assert abs(place.std() * 12**0.5 - 1) < slack


def is_normal(values, std):
    slack = 5 / np.sqrt(values.size)
    assert abs(values.mean()) < slack * std
    assert abs(values.std() / std - 1) < slack
    assert 2.2 * std < abs(values).max() < 6 * std


def is_orthogonal(block, gain):
    small = block if block.shape[0] <= block.shape[1] else block.T
    np.testing.assert_allclose(small @ small.T, gain**2 * np.eye(len(small)), atol=1e-12)


def is_glorot(block):
    is_uniform(block, -np.sqrt(6 / sum(block.shape)), np.sqrt(6 / sum(block.shape)))


def is_lecun(block):
    is_uniform(block, -np.sqrt(3 / block.shape[1]), np.sqrt(3 / block.shape[1]))


def is_default(block, size):
    is_uniform(block, -(size**-0.5), size**-0.5)
