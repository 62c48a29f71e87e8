"""Audits of code with more or less than the equations: unused arrays, learned constants, other results, float32."""

import numpy as np
import pytest
import torch
from audited import CELLS, K, Minimal, N, packed, sigmoid
from test_audit import agrees

from lstmspec import audit
from lstmspec.convert import Array, Layout, Part


class Unused(Minimal):
    """A module with arrays that nothing reads."""

    def __init__(self):
        super().__init__()
        self.old = torch.nn.Linear(N, K)
        self.scale = torch.nn.Parameter(torch.ones(3, 4, 5))


class Scaled(Minimal):
    """A module with an array that matters and that the equations lack."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(K))

    def forward(self, x, h):
        return self.scale * super().forward(x, h)


class Learned(torch.nn.Module):
    """MiRU whose constant is learned."""

    def __init__(self):
        super().__init__()
        self.r, self.m = torch.nn.Linear(N + K, K), torch.nn.Linear(N + K, K)
        self.lam = torch.nn.Parameter(torch.tensor([0.3]))

    def forward(self, x, h):
        r = torch.sigmoid(self.r(torch.cat([x, h], -1)))
        return self.lam * h + (1 - self.lam) * torch.tanh(self.m(torch.cat([x, r * h], -1)))


def test_arrays_that_nothing_reads_are_named():
    report = agrees(audit(CELLS["MGU"], Unused()))
    assert {name.partition("[")[0] for name in report.unused} == {"old.weight", "old.bias", "scale"}
    assert "nothing depends on" in str(report)


def test_an_array_that_matters_is_no_agreement():
    report = audit(CELLS["MGU"], Scaled())
    assert [finding.code.name for finding in report.findings] == ["LS402"]


def test_a_constant_may_be_learned():
    report = agrees(audit(CELLS["MiRU"], Learned()))
    assert report.places["lam"] == "lam" and "lam" in report.gradients
    spec = report.layout.to_spec({name: value for name, value in Learned().state_dict().items() if name != "lam"})
    assert set(spec) == set(CELLS["MiRU"].system.parameters)


def test_a_constant_may_be_given():
    class Fixed(Learned):
        def __init__(self):
            super().__init__()
            del self.lam
            self.lam = 0.3

    assert not audit(CELLS["MiRU"], Fixed()).agrees
    agrees(audit(CELLS["MiRU"], Fixed(), constants={"lam": 0.3}))


def test_results_that_are_none_of_the_equations_are_left_out():
    def step(p, x, state):
        h, (_, c) = function(p, x, state)
        return {"h": h, "c": c, "gates": np.zeros((2, 3, 3)), "length": 4, "ok": True, "name": "h", "none": None}

    function, arrays = packed("ifgo")
    report = agrees(audit(CELLS["LSTM"], step, arrays=arrays))
    assert set(report.errors) == {"output", "c.next"}


def test_a_wrong_result_beside_right_ones_is_seen():
    def step(p, x, state):
        h, (_, c) = function(p, x, state)
        return h, (h, np.tanh(c))

    function, arrays = packed("ifgo")
    assert not audit(CELLS["LSTM"], step, arrays=arrays).agrees


def test_code_in_float32_is_compared_as_far_as_it_goes():
    def step(p, x, state):
        return function({name: value.astype(np.float32) for name, value in p.items()}, *single(x, state))

    def single(x, state):
        return x.astype(np.float32), tuple(value.astype(np.float32) for value in state)

    function, arrays = packed("ifgo")
    report = audit(CELLS["LSTM"], step, arrays=arrays)
    assert report.agrees and 1e-9 < max(report.errors.values()) < 1e-5


def test_the_two_outputs_of_an_intersection_are_told_apart():
    report = agrees(audit(CELLS["IntersectionRNN"], _intersection))
    assert set(report.errors) == {"output", "h.next"}
    swapped = audit(CELLS["IntersectionRNN"], _swapped, sizes={"k": K})
    assert not swapped.agrees  # it returns y twice, so that nothing is known of h


class Intersection(torch.nn.Module):
    """Collins et al.: four layers of [x, h]."""

    def __init__(self, swapped=False):
        super().__init__()
        self.all, self.swapped = torch.nn.Linear(2 * K, 4 * K), swapped

    def forward(self, x, h):
        y_in, h_in, g_y, g_h = self.all(torch.cat([x, h], -1)).chunk(4, -1)
        g_y, g_h = torch.sigmoid(g_y), torch.sigmoid(g_h)
        y = g_y * x + (1 - g_y) * torch.relu(y_in)
        new = g_h * h + (1 - g_h) * torch.tanh(h_in)
        return (y, y) if self.swapped else (y, new)


_intersection, _swapped = Intersection(), Intersection(swapped=True)


# -- what users say of the mapping -------------------------------------------------------------------------------------

GIVEN = {
    "W_f": ("Wfx.T", "Wfh"),
    "b_f": ("b", "b2"),
    "W_m": "Wm",
    "b_m": "bm",
}


def given_mgu():
    shapes = {"Wfx": (N, K), "Wfh": (K, K), "b": K, "b2": K, "Wm": (K, N + K), "bm": K}
    arrays = {name: np.zeros(shape) for name, shape in shapes.items()}

    def step(p, x, h):
        f = sigmoid(x @ p["Wfx"] + h @ p["Wfh"].T + p["b"] + p["b2"])
        m = np.tanh(np.concatenate([x, f * h], -1) @ p["Wm"].T + p["bm"])
        return (1 - f) * h + f * m

    return step, arrays


def test_a_mapping_may_be_given():
    step, arrays = given_mgu()
    report = agrees(audit(CELLS["MGU"], step, arrays=arrays, parameters=GIVEN))
    assert report.places["W_f"] == "Wfx.T, Wfh" and report.places["b_f"] == "b + b2"
    parts = {name: Part(name) for name in ("b_f", "b_m")}
    layout = Layout(
        CELLS["MGU"].system,
        (
            Array("Wfx", ((Part("W_f", 0),),), transposed=True),
            Array("Wfh", ((Part("W_f", 1),),)),
            Array("b", ((parts["b_f"],),)),
            Array("b2", ((parts["b_f"],),)),
            Array("Wm", ((Part("W_m", 0), Part("W_m", 1)),)),
            Array("bm", ((parts["b_m"],),)),
        ),
    )
    agrees(audit(CELLS["MGU"], step, arrays=arrays, parameters=layout))


@pytest.mark.parametrize(
    "change",
    [{"W_f": ("Wfx.T", "Wfh.T")}, {"b_f": "b2", "b_m": ("bm", "b")}, {"b_f": ("bm", "b2"), "b_m": "b"}],
)
def test_a_mapping_that_is_wrong_is_refused(change):
    step, arrays = given_mgu()
    assert not audit(CELLS["MGU"], step, arrays=arrays, parameters=GIVEN | change).agrees


@pytest.mark.parametrize(
    "change",
    [{"W_f": ("Wfx.T", "nothing")}, {"W_f": ("Wfx", "Wfh", "Wm")}, {"W_q": "Wm"}, {"b_f": "Wm"}],
)
def test_a_mapping_that_does_not_fit_is_a_finding(change):
    step, arrays = given_mgu()
    report = audit(CELLS["MGU"], step, arrays=arrays, parameters=GIVEN | change)
    assert [finding.code.name for finding in report.findings] in (["LS404"], ["LS402"])
