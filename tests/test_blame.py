"""Which argument is blamed: the odd one out, not the first that disagrees with it."""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

import generated
import generated.gru.numpy as gru
import generated.lstm.numpy as lstm
from generated._runtime.messages import ShapeError
from generated.lstm import CELL
from generated.lstm.torch import LSTM
from lstmspec.language import reserved

N, K, BATCH, TIME = 3, 5, 2, 7
PARAMS = lstm.init(np.random.default_rng(0), N, K)
XS, STATE, SPEC = np.zeros((TIME, BATCH, N)), lstm.zeros(BATCH, K), PARAMS.to_spec()

WRONG_WEIGHTS = {
    "W_h": lambda u: u[:, :-1],
    "W_h turned": lambda u: u.T,
    "W_x": lambda u: u[:-1],
    "W_x flat": lambda u: u.reshape(-1),
    "b_x": lambda u: u[1:],
}


@pytest.mark.parametrize("name", WRONG_WEIGHTS)
def test_a_wrong_weight_is_blamed_itself(name):
    field = name.partition(" ")[0]
    wrong = dataclasses.replace(PARAMS, **{field: WRONG_WEIGHTS[name](getattr(PARAMS, field))})
    with pytest.raises(ShapeError, match=rf"^lstm\.forward: argument `{field}` has shape"):
        lstm.forward(wrong, XS, STATE)


@pytest.mark.parametrize(
    "change", [lambda u: u[:, 1:], lambda u: u.T, lambda u: u[None]], ids=["short", "turned", "rank"]
)
@pytest.mark.parametrize("name", ["W_f", "W_o"])
def test_a_wrong_parameter_of_the_equations_is_blamed_itself(name, change):
    with pytest.raises(ShapeError, match=rf"^LSTM\.from_spec: `{name}` has shape .*k = 5.*n = 3"):
        lstm.Params.from_spec({**SPEC, name: change(SPEC[name])})


def test_a_parameter_of_the_wrong_rank_does_not_hide_the_sizes():
    spec = gru.init(np.random.default_rng(0), N, K).to_spec()
    with pytest.raises(ShapeError, match=r"^GRU\.from_spec: `W_m` has shape \(1, 5, 3\), 3 axes"):
        gru.Params.from_spec({**spec, "W_m": spec["W_m"][None]})


def test_arrays_of_the_other_library_are_refused():
    tensors = {name: torch.tensor(value) for name, value in SPEC.items()}
    with pytest.raises(ShapeError, match=r"`W_f` is torch.Tensor; expected a numpy.ndarray of shape \(k, n\+k\)"):
        lstm.Params.from_spec(tensors)
    with pytest.raises(ShapeError, match=r"`W_f` is numpy.ndarray; expected a torch.Tensor of shape \(k, n\+k\)"):
        LSTM.from_spec(SPEC)


@pytest.mark.parametrize("state", [None, (1, 2), np.zeros((BATCH, K))])
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(ShapeError, match=r"^lstm\.forward: argument `state` is .*; expected this module's State$"):
        lstm.forward(PARAMS, XS, state)


@pytest.mark.parametrize("sizes", [(0, K), (N, 0), (N, -1), (N, 2.0), (True, K), ("3", K), (N, None)])
def test_sizes_that_are_none_are_refused(sizes):
    with pytest.raises(ValueError, match=r"^lstm\.init: [nk] = .* is no size; expected a positive integer$"):
        lstm.init(np.random.default_rng(0), *sizes)
    with pytest.raises(ValueError, match=r"^LSTM: [nk] = .* is no size; expected a positive integer$"):
        LSTM(*sizes)


def test_numpy_integers_are_sizes():
    assert LSTM(np.int64(N), np.int64(K)).W_x.shape == (4 * K, N)


def test_a_dtype_that_is_not_floating_is_refused():
    with pytest.raises(ValueError, match=r"^lstm\.init: dtype .*int.* is no floating dtype$"):
        lstm.init(np.random.default_rng(0), N, K, dtype=int)


def test_outputs_can_be_changed_without_changing_gradients():
    rng = np.random.default_rng(1)
    xs, d_ys, d_state = rng.normal(size=XS.shape), rng.normal(size=(TIME, BATCH, K)), lstm.zeros(BATCH, K)
    ys, _, tape = lstm.forward(PARAMS, xs, STATE)
    before = lstm.backward(PARAMS, tape, d_ys, d_state)[1]
    ys *= 2
    assert np.array_equal(lstm.backward(PARAMS, tape, d_ys, d_state)[1], before)
    module = LSTM(N, K)
    y, _ = module(torch.zeros(TIME, BATCH, N))
    y.mul_(2)
    y.sum().backward()


def test_no_name_of_a_module_can_be_a_cells():
    assert [name for name in dir(torch.nn.Module()) if not name.startswith("_") and name not in reserved()] == []


def names_read(path):
    """The names that functions of a module read and do not make: of modules, helpers and builtins."""
    found = set()
    for function in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)):
        nodes = [node for statement in function.body for node in ast.walk(statement) if isinstance(node, ast.Name)]
        made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
        made |= {argument.arg for argument in function.args.args}
        found |= {node.id for node in nodes if isinstance(node.ctx, ast.Load)} - made
    return found


def test_no_name_that_generated_functions_read_can_be_a_cells():
    read = set().union(*(names_read(path) for path in Path(generated.__file__).parent.glob("[a-z]*/*.py")))
    assert {"np", "torch", "range", "flat"} <= read
    assert read - reserved() == set()


def test_no_attribute_of_a_generated_class_can_be_a_cells():
    own = {name for kind in (LSTM, lstm.Params) for base in kind.__mro__[:-1] for name in vars(base)}
    fields = {*lstm.Params.__dataclass_fields__, *PARAMS.to_spec(), *CELL.views}
    assert {name for name in own if not name.startswith("_")} - fields - reserved() == set()
