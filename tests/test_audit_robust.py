"""Audits of code that misbehaves: it prints, raises, draws, returns nothing, or cannot be had in float64."""

import numpy as np
import pytest
import torch
from audited import CELLS, K, Minimal, N, packed
from test_audit import agrees

from lstmspec import audit


def one(report):
    """The code and the message of the only finding."""
    (finding,) = report.findings
    return finding.code.name, finding.message


class Noisy(Minimal):
    """A module that prints and warns, drops out while it trains, and has buffers and a gate in half precision."""

    def __init__(self):
        super().__init__()
        self.drop = torch.nn.Dropout(0.5)
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.half()

    def forward(self, x, h):
        print("a step")
        torch.sqrt(torch.tensor(-1.0))
        self.steps += 1
        return super().forward(self.drop(x), h)


class InPlace(Minimal):
    """A module that writes into its arguments."""

    def forward(self, x, h):
        f = torch.sigmoid(self.f(torch.cat([x, h], -1)))
        m = torch.tanh(self.m(torch.cat([x, f * h], -1)))
        x.zero_()
        return (1 - f) * h + f * m


def test_what_code_prints_is_not_shown(capsys):
    agrees(audit(CELLS["MGU"], Noisy()))
    assert capsys.readouterr() == ("", "")


def test_the_module_itself_is_not_touched():
    module = Noisy()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    audit(CELLS["MGU"], module)
    assert module.training and module.f.weight.dtype == torch.float16
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_code_may_write_into_its_arguments():
    agrees(audit(CELLS["MGU"], InPlace()))

    def step(p, x, state):
        h, (_, c) = function(p, x, state)
        for value in (x, *state, *p.values()):
            value[...] = 0
        return h, (h, c)

    function, arrays = packed("ifgo")
    agrees(audit(CELLS["LSTM"], step, arrays=arrays))


class Random(Minimal):
    def forward(self, x, h):
        return super().forward(x, h) + torch.rand_like(h)


class Other(Minimal):
    def __init__(self, result):
        super().__init__()
        self.result = result

    def forward(self, x, h):
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def test_code_that_draws_does_not_agree():
    assert one(audit(CELLS["MGU"], Random()))[0] == "LS402"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (RuntimeError("only on a GPU"), "RuntimeError: only on a GPU"),
        (KeyError(), "KeyError"),
        (None, "it returns no floating numbers"),
        (4, "it returns no floating numbers"),
        ("text", "it returns no floating numbers"),
        (torch.zeros(3, dtype=torch.int64), "it returns no floating numbers"),
        (torch.zeros(2, 2, 2, 2), "none like the output"),
        (torch.zeros(3, dtype=torch.float16), "32 are the least"),
    ],
    ids=str,
)
def test_code_that_returns_no_output_cannot_be_audited(result, words):
    report = audit(CELLS["MGU"], Other(result))
    assert one(report)[0] == "LS404" and "none of the usual forms" in one(report)[1]
    assert words in str(report) and not report.agrees


def test_results_in_dicts_are_results():
    class Named(Minimal):
        def forward(self, x, h):
            return {"out": super().forward(x, h), "step": 3, "extra": None}

    agrees(audit(CELLS["MGU"], Named()))


@pytest.mark.parametrize("value", [None, 3, "text", torch.zeros(3)])
def test_what_is_no_code_cannot_be_audited(value):
    assert one(audit(CELLS["MGU"], value))[0] == "LS404"


def test_a_function_needs_its_arrays():
    function, arrays = packed("ifgo")
    code, message = one(audit(CELLS["LSTM"], function))
    assert code == "LS404" and "arrays={name: array}" in message
    assert one(audit(CELLS["LSTM"], function, arrays={}))[0] == "LS404"
    agrees(audit(CELLS["LSTM"], function, arrays=arrays))


def test_functions_of_tensors_have_gradients():
    def step(p, x, h):
        f = torch.sigmoid(x @ p["wf"].T + h @ p["uf"].T + p["bf"])
        m = torch.tanh(x @ p["wm"].T + (f * h) @ p["um"].T + p["bm"])
        return (1 - f) * h + f * m

    shapes = {"wf": (K, N), "uf": (K, K), "bf": (K,), "wm": (K, N), "um": (K, K), "bm": (K,)}
    report = agrees(audit(CELLS["MGU"], step, arrays={name: torch.zeros(shape) for name, shape in shapes.items()}))
    assert report.gradients is not None and "W_f" in report.gradients


@pytest.mark.parametrize("sizes", [{"n": 3}, {"n": 3, "k": 4}, {"q": 3}, {}])
def test_sizes_that_do_not_fit_are_a_finding(sizes):
    assert one(audit(CELLS["MGU"], Minimal(), sizes=sizes))[0] == "LS404"


class Uninitialised(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.f = torch.nn.LazyLinear(K)

    def forward(self, x, h):
        return self.f(x)


def test_a_module_that_cannot_be_copied_is_a_finding():
    assert one(audit(CELLS["MGU"], Uninitialised()))[0] == "LS404"


def test_frozen_parameters_have_gradients_all_the_same():
    module = Minimal()
    module.f.weight.requires_grad_(False)
    agrees(audit(CELLS["MGU"], module))


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}])
def test_more_layers_than_one_do_not_agree(options):
    assert not audit(CELLS["LSTM"], torch.nn.LSTM(N, K, **options), sizes={"n": N, "k": K}).agrees


def test_sizes_that_are_alike_or_one():
    agrees(audit(CELLS["MGU"], Minimal(K, K)))
    agrees(audit(CELLS["MGU"], Minimal(1, K), sizes={"n": 1, "k": K}))
    agrees(audit(CELLS["MGU"], Minimal(N, 2)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_module_on_a_gpu_is_copied_from_there():
    agrees(audit(CELLS["LSTM"], torch.nn.LSTM(N, K, device="cuda")))


def test_values_that_overflow_are_no_agreement():
    def step(p, x, state):
        h, (_, c) = function(p, x, state)
        with np.errstate(all="warn"):
            return h * np.exp(np.float64(800)) / np.exp(np.float64(800)), (h, c)

    function, arrays = packed("ifgo")
    assert not audit(CELLS["LSTM"], step, arrays=arrays).agrees
