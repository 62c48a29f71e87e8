"""LS301 against the numbers: it names a parameter exactly when no output moves with it, to first order, at any point.

The derivative is a complex step through the oracle, over three steps of random data; a zero is exact, since nothing in
it is rounded to one. Parameters that reach no output at all are LS302's and LS308's.
"""

from pathlib import Path

import numpy as np
import pytest
from examples import cells_of

from lstmspec import (
    Cell,
    CellMeta,
    Input,
    State,
    Weight,
    dims,
    lint,
    maximum,
    oracle,
    relu,
    sigmoid,
    sum,
    tanh,
    where,
    zoo,
)

USERS = Path(__file__).parent / "users"
EPS = 1e-30
TIME, POINTS = 3, 24  # branches that few points take want many; a slope anywhere ends the search
(k,) = dims("k")


def outputs(cell, seed, moved=None, change=None):
    """What a cell emits over a few steps of random data, with a change of one parameter."""
    rng, spread = np.random.default_rng(seed), (0.9, 0.3, 2.5)[seed % 3]
    system, shapes = cell.system, cell.shapes
    sizes = dict(zip(shapes.dims, (2, 3, 5, 7, 11), strict=False))

    def drawn(name, *lead):
        return rng.normal(0.2, spread, (*lead, *(size.at(sizes) for size in shapes.of[name])))

    parameters = {name: drawn(name) for name in system.parameters}
    inputs = {name: drawn(name, TIME, 1) for name in system.inputs}
    states = {name: drawn(name, 1) for name in system.states}
    if moved is not None:
        parameters[moved] = parameters[moved] + change * rng.normal(size=parameters[moved].shape)
    with np.errstate(all="ignore"):
        return oracle.sequence(system, parameters, inputs, states, sizes)[0]


def has_gradient(cell, name):
    steps = (outputs(cell, seed, name, EPS * 1j).imag for seed in range(POINTS))
    return any(np.any(step != 0) for step in steps)


def has_effect(cell, name):
    """Whether an output changes when a parameter does, by a lot."""
    changes = (np.array_equal(outputs(cell, seed), outputs(cell, seed, name, 9.0)) for seed in range(4))
    return not all(changes)


def disagreements(cell, named):
    """Parameters that LS301 names though they have a gradient, or does not name though they act without one.

    A dense layer is named once, by its weight.
    """
    symbols = cell.system.symbols
    layers = {symbols[name].site for name in named if symbols[name].layer}
    found = []
    for name in cell.system.parameters:
        is_named = name in named or symbols[name].site in layers
        if is_named if has_gradient(cell, name) else not is_named and has_effect(cell, name):
            found.append(name)
    return found


def named(cell):
    """The parameters that LS301 names."""
    messages = [finding.message for finding in lint(cell) if finding.code.name == "LS301"]
    return {message.split("`")[1] for message in messages}


CELLS = [*zoo.cells().values(), *cells_of(USERS / "cells.py"), *cells_of(USERS / "known.py")]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.__name__)
def test_ls301_names_the_parameters_without_a_gradient(cell):
    assert disagreements(cell, named(cell)) == []


def random_cell(seed):
    """A cell of one size with four parameters, its equations drawn from what has slopes and what has none."""
    rng = np.random.default_rng(seed)
    body = CellMeta.__prepare__("Random", (Cell,))
    body["x"], body["h"] = Input(k), State(k)
    for name in ("p", "q", "r", "s"):
        body[name] = Weight(k)
    known = ["x", "h", "p", "q", "r", "s"]

    def drawn(depth):
        if depth == 0 or rng.random() < 0.15:
            return body[known[rng.integers(len(known))]]
        u, v = drawn(depth - 1), drawn(depth - 1)
        return (
            lambda: u + v, lambda: u - v, lambda: u * v, lambda: tanh(u), lambda: sigmoid(u), lambda: relu(u) + v,
            lambda: where(u < v, 1.0, 0.5), lambda: where(u <= v, u, v), lambda: u - u, lambda: -u, lambda: sum(u) * v,
            lambda: maximum(u, v), lambda: 0 * u + v, lambda: where(u < v, body["x"], body["h"]),
        )[rng.integers(14)]()  # fmt: skip

    for name in ("a", "b"):
        body[name] = drawn(2)
        known.append(name)
    body["h"].next = tanh(drawn(2) + drawn(2) + body["x"])
    return CellMeta("Random", (Cell,), body)


SEEDS = range(80)


@pytest.mark.parametrize("seed", SEEDS)
def test_ls301_names_the_parameters_of_random_cells_without_a_gradient(seed):
    cell = random_cell(seed)
    assert disagreements(cell, named(cell)) == [], "\n".join(map(str, cell.equations.values()))


def test_random_cells_have_parameters_of_both_kinds():
    cells = [random_cell(seed) for seed in SEEDS[:40]]
    assert sum_of(named(cell) for cell in cells) > 10
    assert sum_of(set(cell.system.parameters) - named(cell) for cell in cells) > 40


def sum_of(sets):
    return len([name for names in sets for name in names])


def test_a_name_too_many_and_one_too_few_are_seen():
    cell = next(cell for cell in map(random_cell, SEEDS) if named(cell) and has_effect(cell, min(named(cell))))
    right = named(cell)
    assert disagreements(cell, right - {min(right)}) == [min(right)]
    with_one = zoo.cells()["GRU"]
    assert disagreements(with_one, {"W_z"}) == ["W_z", "b_z"]
