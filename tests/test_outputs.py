"""The forward pass without a tape: the same values, nothing kept, and taken when nobody asks for gradients."""

import importlib

import numpy as np
import pytest
import torch

from lstmspec.cli._load import builtin_cells
from lstmspec.emit._model import folder

N, K, BATCH, TIME = 3, 5, 2, 7
CELLS = builtin_cells()
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def modules(cell):
    return [importlib.import_module(f"generated.{folder(cell.__name__)}.{kind}") for kind in ("numpy", "torch")]


def data(nm):
    rng = np.random.default_rng(3)
    state = nm.zeros(BATCH, K)
    for name, value in vars(state).items():
        setattr(state, name, rng.normal(size=value.shape))
    return nm.init(rng, N, K), rng.normal(size=(TIME, BATCH, N)), state


def assert_same(found, expected):
    for own, other in zip(found, expected, strict=True):
        assert own.shape == other.shape
        assert abs(own - other).max() <= 1e-14


def flat(ys, state):
    return [ys, *vars(state).values()]


@every_cell
def test_outputs_are_those_of_the_forward_pass(cell):
    nm, _ = modules(cell)
    params, xs, state = data(nm)
    ys, last, _ = nm.forward(params, xs, state)
    assert_same(flat(*nm.outputs(params, xs, state)), flat(ys, last))


@every_cell
def test_a_missing_step_is_seen(cell):
    nm, _ = modules(cell)
    params, xs, state = data(nm)
    ys, last, _ = nm.forward(params, xs, state)
    with pytest.raises(AssertionError):
        assert_same(flat(ys, nm.outputs(params, xs[:-1], state)[1]), flat(ys, last))


@every_cell
def test_steps_one_by_one_are_the_sequence(cell):
    nm, _ = modules(cell)
    params, xs, state = data(nm)
    _, last = nm.outputs(params, xs, state)
    for x in xs:
        state = nm.step(params, x, state)
    assert_same(vars(state).values(), vars(last).values())


@every_cell
def test_a_module_without_gradients_gives_the_same(cell, monkeypatch):
    nm, tm = modules(cell)
    params, xs, state = data(nm)
    module = getattr(tm, cell.__name__).from_spec({name: torch.tensor(v) for name, v in params.to_spec().items()})
    x, states = torch.tensor(xs), tuple(torch.tensor(value[None]) for value in vars(state).values())
    given = states if len(states) > 1 else states[0]
    expected, _ = module(x, given)
    assert expected.requires_grad
    monkeypatch.setattr(tm, "_forward", None)  # the pass with a tape is not taken
    with torch.no_grad():
        found, _ = module(x, given)
    assert not found.requires_grad
    assert_same([found], [expected.detach()])
    module.requires_grad_(False)
    assert_same([module(x, given)[0]], [expected.detach()])
    with pytest.raises(TypeError):
        module(x.requires_grad_(), given)
