"""Audits that differ: each kind of edit is found where it was planted, and gradients of their own are seen."""

import ast
from pathlib import Path

import pytest
import torch
from audited import CELLS, K, Minimal, N
from test_audit import agrees

from lstmspec import Cell, Input, State, affine, audit, auditor, dims, elementwise, sigmoid, tanh
from lstmspec.auditor import Kind, edits
from lstmspec.checker import check
from lstmspec.ops import TABLE


def found(cell, module, **options):
    """The last edit that an audit names."""
    report = audit(CELLS[cell], module, **options)
    assert [finding.code.name for finding in report.findings] == ["LS401"], str(report)
    return report.edits[-1]


MINIMAL = {
    Kind.SWAPPED: lambda f, h, m: f * h + (1 - f) * m,
    Kind.SUM: lambda f, h, m: (1 - f) * h + f + m,
    Kind.PRODUCT: lambda f, h, m: (1 - f) * h * (f * m),
    Kind.SIGN: lambda f, h, m: (1 - f) * h - f * m,
    Kind.MORE_ACTIVATION: lambda f, h, m: torch.tanh((1 - f) * h + f * m),
    Kind.MISSING_TERM: lambda f, h, m: f * m,
    Kind.MISSING_FACTOR: lambda f, h, m: (1 - f) * h + m,
    Kind.COMPLEMENT: lambda f, h, m: f * h + f * m,
    Kind.OTHER_NAME: lambda f, h, m: (1 - f) * f + f * m,
}


@pytest.mark.parametrize("kind", MINIMAL, ids=lambda kind: kind.name)
def test_an_edit_of_the_last_equation(kind):
    edit = found("MGU", Minimal(change=MINIMAL[kind]))
    assert (edit.kind, edit.equation) == (kind, "h.next"), str(edit)


class Peephole(torch.nn.Module):
    """The peephole LSTM, with a reader for each place that people get wrong."""

    def __init__(self, **changes):
        super().__init__()
        self.all = torch.nn.Linear(N + K, 4 * K, bias=changes.get("bias", True))
        self.p = torch.nn.Parameter(torch.randn(3, K))
        self.changes = changes

    def forward(self, x, state):
        h, c = state
        act = {"i": torch.sigmoid, "f": torch.sigmoid, "g": torch.tanh, "o": torch.sigmoid, "c": torch.tanh}
        act |= self.changes.get("act", {})
        i, f, g, o = self.all(torch.cat([x, h], -1)).chunk(4, -1)
        i, f, g = act["i"](i + self.p[0] * c), act["f"](f + self.p[1] * c), act["g"](g)
        new = f * c + i * g
        dead = 0 if self.changes.get("dead") else 1
        o = act["o"](o + dead * self.p[2] * (c if self.changes.get("stale") else new))
        return o * act["c"](new), new


PEEPHOLE = {
    "stale": ({"stale": True}, Kind.STALE, "o", "o = sigmoid(W_o @ concat(x, h) + b_o + p_o * c)"),
    "dead": ({"dead": True}, Kind.DEAD, "o", "o = sigmoid(W_o @ concat(x, h) + b_o)"),
    "no activation": ({"act": {"g": lambda u: u}}, Kind.MISSING_ACTIVATION, "g", "g = W_g @ concat(x, h) + b_g"),
    "relu": ({"act": {"c": torch.relu}}, Kind.OTHER_ACTIVATION, "h.next", "h.next = o * relu(c.next)"),
    "no bias": ({"bias": False}, Kind.NO_BIASES, "f", "f = sigmoid(W_f @ concat(x, h) + p_f * c)"),
}


@pytest.mark.parametrize("name", PEEPHOLE)
def test_an_edit_of_a_peephole(name):
    changes, *expected = PEEPHOLE[name]
    agrees(audit(CELLS["Peephole"], Peephole()))
    edit = found("Peephole", Peephole(**changes))
    assert [edit.kind, edit.equation, edit.line] == expected


SMOOTH = {
    "hard sigmoid": (torch.nn.functional.hardsigmoid, "f", "hard_sigmoid"),
    "Keras 2": (lambda u: torch.clamp(0.2 * u + 0.5, 0, 1), "f", "minimum(maximum(0.2 * "),
    "hard tanh": (torch.nn.functional.hardtanh, "g", "minimum(maximum("),
    "softsign": (torch.nn.functional.softsign, "g", "softsign"),
    "softplus": (torch.nn.functional.softplus, "g", "softplus"),
    "SiLU": (torch.nn.functional.silu, "g", "* sigmoid("),
    "ELU": (torch.nn.functional.elu, "g", "where("),
    "leaky ReLU": (torch.nn.functional.leaky_relu, "g", "maximum("),
    "exp": (torch.exp, "i", "exp("),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_every_activation_is_told(name):
    function, gate, text = SMOOTH[name]
    edit = found("Peephole", Peephole(act={gate: function}))
    assert (edit.kind, edit.equation) == (Kind.OTHER_ACTIVATION, gate) and text in edit.now


def test_a_gate_moved_over_a_product():
    assert found("GRUResetBefore", torch.nn.GRU(N, K)).kind is Kind.MOVED


def test_what_is_done_to_all_biases_goes_with_one_edit():
    report = audit(CELLS["Peephole"], Peephole(bias=False, act={"c": torch.sigmoid}))
    assert [edit.kind for edit in report.edits] == [Kind.NO_BIASES, Kind.OTHER_ACTIVATION]
    assert "besides, no layer has a bias" in str(report)


def test_two_edits_are_too_many():
    report = audit(CELLS["Peephole"], Peephole(stale=True, act={"c": torch.sigmoid}))
    assert [finding.code.name for finding in report.findings] == ["LS402"]


def test_a_report_says_where_weights_lie_in_the_edited_cell():
    report = audit(CELLS["Peephole"], Peephole(dead=True))
    assert "p_o" not in report.places and report.unused == ("p[2:3, 0:7]",)
    report = audit(CELLS["Peephole"], module := Peephole(bias=False))
    assert set(report.layout.to_spec(module.state_dict())) == set(report.edits[-1].system.parameters)


@pytest.mark.parametrize("name", CELLS)
def test_edits_are_cells_in_their_order_each_another(name):
    every = edits(CELLS[name].system)
    assert [edit.kind for edit in every] == sorted((edit.kind for edit in every), key=list(Kind).index)
    everywhere = (Kind.NO_BIASES, Kind.MORE_BIASES)
    lines = [(edit.equation, edit.line) for edit in every if edit.kind not in everywhere]
    assert len(set(lines)) == len(lines)
    for edit in every[::25]:
        assert edit.system.parameters
        assert [finding.code.name for finding in check(edit.system).diagnostics if finding.code.name == "LS204"] == []


# -- gradients ---------------------------------------------------------------------------------------------------------


class Wrong(torch.autograd.Function):
    """The identity, with a gradient that is half of its own."""

    @staticmethod
    def forward(ctx, u):
        return u.clone()

    @staticmethod
    def backward(ctx, d):
        return d / 2


class Raises(Wrong):
    """The identity, with no gradient at all."""

    @staticmethod
    def backward(ctx, d):
        raise RuntimeError("no backward pass")


GRADIENTS = {
    "detach": lambda f, h, m: (1 - f) * h + f.detach() * m,
    "a backward of its own": lambda f, h, m: (1 - f) * h + f * Wrong.apply(m),
    "a backward that raises": lambda f, h, m: (1 - f) * h + f * Raises.apply(m),
    "nothing": lambda f, h, m: ((1 - f) * h + f * m).detach(),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_of_their_own_are_seen(name):
    report = audit(CELLS["MGU"], Minimal(change=GRADIENTS[name]))
    assert [finding.code.name for finding in report.findings] == ["LS403"]
    assert "W_f" in report.findings[0].message and max(report.errors.values()) < 1e-10


def test_why_there_is_no_gradient_is_said():
    report = audit(CELLS["MGU"], Minimal(change=GRADIENTS["a backward that raises"]))
    assert report.findings[0].notes == ("its gradients cannot be had: RuntimeError: no backward pass",)


def test_a_gradient_is_compared_in_an_edited_cell_too():
    report = audit(CELLS["MGU"], Minimal(change=lambda f, h, m: f * h + (1 - f.detach()) * m))
    assert [finding.code.name for finding in report.findings] == ["LS401", "LS403"]


# -- activations of the user's own -------------------------------------------------------------------------------------

n, k = dims("n k")
swish = elementwise(lambda u: u * sigmoid(u))
gated = elementwise(lambda u, v: tanh(u) * sigmoid(v))


class Swish(Cell):
    """A candidate with an activation that the user wrote."""

    x, h = Input(n), State(k)
    f = sigmoid(affine(x, h))
    m = swish(affine(x, h))
    h.next = (1 - f) * h + f * m


class WrittenOut(Cell):
    """The same activation, written out in the equation."""

    x, h = Input(n), State(k)
    f = sigmoid(affine(x, h))
    a = affine(x, h, name="m")
    h.next = (1 - f) * h + f * (a * sigmoid(a))


class OfTwo(Cell):
    """A gated unit whose function of two numbers the user wrote."""

    x, h = Input(n), State(k)
    h.next = h + gated(affine(x, h, name="a"), affine(x, h, name="b"))


class Theirs(torch.nn.Module):
    """Both cells with one function for the candidate; `OfTwo` with two."""

    def __init__(self, function, gate=None):
        super().__init__()
        self.f, self.m = torch.nn.Linear(N + K, K), torch.nn.Linear(N + K, K)
        self.function, self.gate = function, gate

    def forward(self, x, h):
        both = torch.cat([x, h], -1)
        if self.gate is not None:
            return h + self.function(self.f(both)) * self.gate(self.m(both))
        f = torch.sigmoid(self.f(both))
        return (1 - f) * h + f * self.function(self.m(both))


OWN = {
    "tanh": (torch.tanh, Kind.OTHER_ACTIVATION, "tanh("),
    "ELU": (torch.nn.functional.elu, Kind.OTHER_ACTIVATION, "where("),
    "nothing": (lambda u: u, Kind.MISSING_ACTIVATION, "W_m @ concat(x, h) + b_m"),
}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(
    ("cell", "equation"), [(Swish, "m"), (WrittenOut, "h.next")], ids=["a function", "written out"]
)
def test_another_activation_than_that_of_the_user_is_named(cell, equation, name):
    function, kind, now = OWN[name]
    agrees(audit(cell, Theirs(torch.nn.functional.silu)))
    report = audit(cell, Theirs(function))
    (edit,) = report.edits
    assert (edit.kind, edit.equation) == (kind, equation), str(report)
    assert (now if cell is Swish or "W_m" not in now else "a") in edit.now


def test_an_edit_inside_a_function_of_the_user_is_named_where_it_is_used():
    agrees(audit(OfTwo, Theirs(torch.tanh, torch.sigmoid)))
    report = audit(OfTwo, Theirs(torch.relu, torch.sigmoid))
    (edit,) = report.edits
    assert (edit.kind, edit.equation, edit.was[:5], edit.now[:5]) == (Kind.OTHER_ACTIVATION, "h.next", "tanh(", "relu(")
    assert "h.next = h + gated(" in report.findings[0].site.place.source


def test_an_activation_around_a_layer_with_its_bias_is_named():
    class Sum(Cell):
        x, h = Input(n), State(k)
        h.next = sigmoid(affine(x, name="a") + affine(h, name="b"))

    class Code(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = torch.nn.Linear(N, K), torch.nn.Linear(K, K)

        def forward(self, x, h):
            return torch.sigmoid(torch.tanh(self.a(x)) + self.b(h))

    report = audit(Sum, Code())
    (edit,) = report.edits
    assert (edit.kind, edit.now) == (Kind.MORE_ACTIVATION, "tanh(W_a @ x + b_a)")


def test_no_rule_of_edits_speaks_of_an_operation_that_is_none():
    """Every operation that a file of the audit names has a row, or is one that nodes have before any row."""
    known = {*TABLE, "ref", "number", "elementwise"}
    folder = Path(auditor.__file__).parent
    compared = [
        (path.name, constant.value)
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "op"
        for constant in ast.walk(node.comparators[0])
        if isinstance(constant, ast.Constant)
    ]
    assert len(compared) > 20
    assert [(file, name) for file, name in compared if name not in known] == []
