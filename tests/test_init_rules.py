"""First values in every backend against the meanings of the rules, block by block."""

from collections.abc import Callable

import numpy as np
import pytest
from helpers import SIZES, every_backend, runner
from starting import (
    OWN,
    Alike,
    Compound,
    Gates,
    Redrawn,
    Start,
    Vectors,
    Whole,
    is_default,
    is_glorot,
    is_lecun,
    is_normal,
    is_orthogonal,
    is_uniform,
    start_of,
)

from lstmspec import CellMeta

MANY = {"n": 331, "k": 211}  # enough numbers for their mean and deviation, primes as everywhere


# -- promises ----------------------------------------------------------------------------------------------------------


def vectors_start_as_declared(start: Start) -> None:
    at = start({"n": 7, "k": 4001})
    is_uniform(at["u"], -0.5, 1.5)
    is_normal(at["g"], 0.3)
    is_uniform(np.log(at["l"]), np.log(0.01), np.log(100))
    is_uniform(np.exp(at["c"]), 1, 49)
    np.testing.assert_allclose(at["s"], [3 + 3 * j / 4000 for j in range(4001)], rtol=1e-15)
    assert (at["p"] == -2.5).all()
    is_default(at["q"], 4001)
    is_default(at["W_h"], 4001)


def each_block_of_each_gate_starts_by_itself(start: Start) -> None:
    at, x, h = start(MANY), np.s_[:, : MANY["n"]], np.s_[:, MANY["n"] :]
    is_glorot(at["W_f"][x])
    is_orthogonal(at["W_f"][h], 1.5)
    assert (at["b_f"] == 1).all()
    is_lecun(at["W_i"][x])
    assert (at["W_i"][h] == 0.5 * np.eye(MANY["k"])).all()
    np.testing.assert_allclose(at["b_i"], np.linspace(-1, 2, MANY["k"]), atol=1e-15)
    is_default(at["W_g"], MANY["k"])
    assert (at["b_g"] == 0).all()
    is_default(at["W_o"][x], MANY["k"])
    is_orthogonal(at["W_o"][h], 1)
    assert not np.allclose(at["W_o"][h] * 1.5, at["W_f"][h])  # two draws
    is_default(at["b_o"], MANY["k"])


def gates_that_start_alike_have_the_fans_of_one(start: Start) -> None:
    at = start(MANY)
    for gate in "figo":
        is_lecun(at[f"W_{gate}"][:, : MANY["n"]])
        is_glorot(at[f"W_{gate}"][:, MANY["n"] :])


def matrices_that_are_stored_as_they_are(start: Start) -> None:
    at, size = start(MANY), MANY["n"]
    is_orthogonal(at["T"], 2)
    is_orthogonal(at["W"], 1)
    is_normal(at["W_both"][:, :size], 0.2)
    is_lecun(at["W_both"][:, size : 2 * size])
    assert (at["W_both"][:, 2 * size :] == -np.eye(MANY["k"])).all()
    is_normal(at["W_same"], 0.7)


def sums_products_and_scalars(start: Start) -> None:
    at = start({"n": 53, "C": 11, "K": 13})
    is_glorot(at["W"])
    np.testing.assert_allclose(at["b"], np.linspace(0, 1, 143), atol=1e-15)
    is_lecun(at["W_y"][:, :106])
    is_lecun(at["W_y"][:, 106:])
    many = [start({"n": 2, "C": 3, "K": 1}, seed=seed) for seed in range(200)]
    assert {value.shape for at in many for name, value in at.items() if name in "stuv"} == {()}
    is_uniform(np.log([at["s"] for at in many]), np.log(2), np.log(3))
    is_uniform(np.exp([at["t"] for at in many]), 1, 9)
    is_uniform(np.array([at["u"] for at in many]), 4, 5)
    assert {float(at["v"]) for at in many} == {7.0}


def a_variant_has_what_it_does_not_redefine(start: Start) -> None:
    at = start(MANY)
    is_default(at["W_i"], MANY["k"])
    is_default(at["b_i"], MANY["k"])
    is_orthogonal(at["W_f"][:, MANY["n"] :], 1.5)
    assert (at["b_f"] == 1).all()


def an_orthogonal_matrix_favours_none(start: Start) -> None:
    """Each entry of a column has either sign; without the choice of signs a factorisation fixes some."""
    many = np.array([start({"n": 2, "k": 3}, seed=seed)["W_o"][:, 2:] for seed in range(400)])
    assert abs(np.sign(many).mean(axis=0)).max() < 5 / 20
    assert abs((np.linalg.det(many) > 0).mean() - 0.5) < 5 / 40


PROMISES: tuple[tuple[CellMeta, Callable[[Start], None]], ...] = (
    (Vectors, vectors_start_as_declared),
    (Gates, each_block_of_each_gate_starts_by_itself),
    (Gates, an_orthogonal_matrix_favours_none),
    (Alike, gates_that_start_alike_have_the_fans_of_one),
    (Whole, matrices_that_are_stored_as_they_are),
    (Compound, sums_products_and_scalars),
    (Redrawn, a_variant_has_what_it_does_not_redefine),
)


@every_backend
@pytest.mark.parametrize(("cell", "promise"), PROMISES, ids=lambda value: value.__name__)
def test_parameters_start_as_declared(cell, promise, backend):
    promise(start_of(runner(cell, backend), cell))


@every_backend
def test_a_cell_without_parameters(backend):
    assert start_of(runner(OWN["Bare"], backend), OWN["Bare"])({"k": 3}) == {}


@every_backend
@pytest.mark.parametrize("name", OWN)
def test_the_same_generator_gives_the_same_and_another_another(name, backend):
    cell = OWN[name]
    start, sizes = start_of(runner(cell, backend), cell), dict(zip(cell.shapes.dims, SIZES, strict=False))
    first, again, other = (start(sizes, seed=seed) for seed in (0, 0, 1))
    assert all((first[name] == again[name]).all() for name in first)
    assert name == "Bare" or any((first[name] != other[name]).any() for name in first)
