"""Audits that agree: without being told where parameters lie, in every style, for every cell."""

import numpy as np
import pytest
import torch
from audited import CELLS, STYLES, K, N, own_function, own_module
from helpers import SIZES

from lstmspec import audit, oracle

BOUND = 1e-10
TORCH = {
    "RNN": ("Elman", lambda: torch.nn.RNN(N, K)),
    "RNN relu": ("ElmanRelu", lambda: torch.nn.RNN(N, K, nonlinearity="relu")),
    "RNNCell": ("Elman", lambda: torch.nn.RNNCell(N, K)),
    "LSTM": ("LSTM", lambda: torch.nn.LSTM(N, K)),
    "LSTM batch first": ("LSTM", lambda: torch.nn.LSTM(N, K, batch_first=True)),
    "LSTM proj_size": ("LSTMP", lambda: torch.nn.LSTM(N, K, proj_size=3)),
    "LSTMCell": ("LSTM", lambda: torch.nn.LSTMCell(N, K)),
    "GRU": ("GRU", lambda: torch.nn.GRU(N, K)),
    "GRU of two sizes alike": ("GRU", lambda: torch.nn.GRU(K, K)),
    "GRUCell": ("GRU", lambda: torch.nn.GRUCell(N, K)),
}


def agrees(report):
    assert report.agrees, str(report)
    assert max(report.errors.values()) < BOUND
    assert report.gradients is None or max(report.gradients.values()) < BOUND
    return report


@pytest.mark.parametrize("name", TORCH)
def test_torch(name):
    cell, make = TORCH[name]
    report = agrees(audit(CELLS[cell], make()))
    assert set(report.gradients) >= {*CELLS[cell].system.parameters, *CELLS[cell].system.inputs}
    assert report.edits == () and report.unused == ()


@pytest.mark.parametrize("name", CELLS)
def test_the_generated_module_of_every_cell(name):
    cell, shapes = CELLS[name], CELLS[name].shapes
    report = agrees(audit(cell, own_module(cell)))
    assert report.sizes == dict(zip(shapes.dims, SIZES, strict=False))
    assert set(report.gradients) == {*cell.system.parameters, *cell.system.inputs, *cell.system.states}
    assert set(report.errors) == {"output", *(f"{state}.next" for state in cell.system.states)}
    assert set(report.places) == set(cell.system.parameters)


@pytest.mark.parametrize("name", CELLS)
def test_the_generated_functions_of_every_cell(name):
    cell = CELLS[name]
    function, arrays = own_function(cell)
    report = agrees(audit(cell, function, arrays=arrays))
    assert report.gradients is None
    assert set(report.errors) == {"output", *(f"{state}.next" for state in cell.system.states)}


@pytest.mark.parametrize("name", STYLES)
def test_styles_of_the_lstm(name):
    function, arrays = STYLES[name]()
    report = agrees(audit(CELLS["LSTM"], function, arrays=arrays))
    assert report.sizes == {"n": N, "k": K}
    assert {"c.next"} < set(report.errors)
    if report.layout is not None and isinstance(arrays, dict) and "params" not in arrays:
        assert_converts(report, function, arrays)


def assert_converts(report, function, arrays):
    """The layout's weights give what the code returns, by the interpreter of equations; and they go back."""
    system, (n, k) = report.system, report.sizes.values()
    rng = np.random.default_rng(8)
    spec = report.layout.to_spec({array.name: arrays[array.name] for array in report.layout.arrays})
    x, h, c = rng.normal(size=n), rng.normal(size=k), rng.normal(size=k)
    expected = oracle.step(system, {**spec, "x": x, "h": h, "c": c}, report.sizes)
    again = report.layout.to_spec(report.layout.from_spec(spec))
    assert all(np.allclose(again[name], spec[name], rtol=0, atol=1e-12) for name in spec)
    if report.call.startswith("a step: (x, (h, c))"):
        h_next, _ = function(arrays, x[None], (h[None], c[None]))
        assert np.allclose(h_next[0], expected["h.next"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("make", [torch.nn.LSTM, torch.nn.LSTMCell])
def test_a_found_layout_converts_weights_as_the_known_one_does(make):
    report = agrees(audit(CELLS["LSTM"], module := make(N, K)))
    spec = report.layout.to_spec(module.state_dict())
    suffix = "_l0" if make is torch.nn.LSTM else ""
    i, f, g, o = np.split(module.state_dict()[f"weight_ih{suffix}"].numpy(), 4)
    for name, kernel in zip(("W_i", "W_f", "W_g", "W_o"), (i, f, g, o), strict=True):
        assert np.array_equal(spec[name][:, :N], kernel)
    back = report.layout.from_spec(spec)
    assert list(back) == list(module.state_dict())
    assert all(np.allclose(report.layout.to_spec(back)[name], spec[name], atol=1e-7) for name in spec)


def test_sizes_are_read_off_or_given():
    assert audit(CELLS["LSTM"], torch.nn.LSTM(11, 3)).sizes == {"n": 11, "k": 3}
    assert audit(CELLS["LSTMP"], torch.nn.LSTM(3, 11, proj_size=2)).sizes == {"n": 3, "p": 2, "k": 11}
    one = audit(CELLS["LSTM"], torch.nn.LSTM(1, K), sizes={"n": 1, "k": K})
    assert agrees(one).sizes["n"] == 1
    agrees(audit(CELLS["GRU"], torch.nn.GRU(1, K), sizes={"n": 1, "k": K}))
    agrees(audit(CELLS["LSTM"], torch.nn.LSTM(2, 3)))  # sizes that samples and steps must not have


def test_an_attention_is_an_input_beside_the_other():
    report = agrees(audit(CELLS["AUGRU"], own_module(CELLS["AUGRU"])))
    assert "a" in report.gradients and "(x, a" in report.call


def test_the_same_seed_says_the_same():
    first, second = (str(audit(CELLS["GRU"], torch.nn.GRU(N, K), seed=4)) for _ in range(2))
    assert first == second
