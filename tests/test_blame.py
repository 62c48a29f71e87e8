"""Which argument is blamed: the odd one out, not the first that disagrees with it."""

import dataclasses

import numpy as np
import pytest
import torch
from generated._checks import ShapeError

import generated.gru.numpy as gru
import generated.lstm.numpy as lstm
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
