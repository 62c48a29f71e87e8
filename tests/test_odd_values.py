"""Odd values in every public function, declaration and operator: a finding or a result, never a bare traceback."""

import inspect
import operator

import numpy as np
import pytest
import torch
from converting import parameters, sizes_of
from helpers import CELLS
from odd_values import ODD, U, judged, k, n, values

import lstmspec
from lstmspec import (
    Bias,
    Cell,
    Constant,
    Input,
    Layout,
    SpecError,
    State,
    Weight,
    affine,
    assume,
    audit,
    check,
    init,
    layout,
    tanh,
)
from lstmspec.auditor import Audit
from lstmspec.cell import CellMeta
from lstmspec.checker import Assumption

LSTM = CELLS["LSTM"]
KNOWN = layout(LSTM, "pytorch")
SPEC = parameters("LSTM", sizes_of("LSTM"))
STORED = KNOWN.from_spec(SPEC)
# What is given back, and not called by users, or is a class of the next test's.
RESULTS = (Assumption, Audit, Cell, CellMeta, Layout, lstmspec.Code, lstmspec.Diagnostic, lstmspec.SpecError)
PUBLIC = {
    name: value
    for name, value in vars(lstmspec).items()
    if not name.startswith("_") and callable(value) and value not in (*RESULTS, lstmspec.LayoutError, audit)
}
PUBLIC |= {f"init.{name}": rule for name, rule in vars(init).items() if inspect.isfunction(rule)}


def trouble(calls):
    """What is wrong with each of these calls, by what it is called with."""
    return {name: found for name, call in calls if (found := judged(call))}


def test_the_judge_sees_a_traceback_a_long_line_and_nothing_else():
    assert judged(lambda: None + 1).startswith("TypeError: unsupported operand")
    assert judged(lambda: {}["a"]) == "KeyError: 'a'"
    long = lstmspec.SpecError([lstmspec.Diagnostic(lstmspec.Code.LS101, "x" * 5000)])
    assert judged(lambda: (_ for _ in ()).throw(long)).startswith("a line of 5")
    assert judged(lambda: U + None) == judged(lambda: U + 1) == ""


def test_all_that_is_public_is_called():
    assert len(PUBLIC) > 50
    assert {"affine", "check", "dims", "elementwise", "init.normal", "layout", "shaped", "Weight"} <= PUBLIC.keys()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_function_with_odd_values(name):
    function = PUBLIC[name]
    forms = {
        "(v)": function,
        "(u, v)": lambda v: function(U, v),
        "(v, u)": lambda v: function(v, U),
        "(v, v)": lambda v: function(v, v),
        "(u, u, v)": lambda v: function(U, U, v),
        "(k, v)": lambda v: function(k, v),
    }
    calls = [(f"{form} of {odd}", lambda c=call, v=v: c(v)) for form, call in forms.items() for odd, v in values()]
    for option in inspect.signature(function).parameters.values():
        if option.kind in (option.KEYWORD_ONLY, option.POSITIONAL_OR_KEYWORD):
            calls += [(f"{option.name}={o}", lambda n=option.name, v=v: function(U, **{n: v})) for o, v in values()]
    calls += [("()", function), ("(odd=1)", lambda: function(odd=1)), ("too many", lambda: function(*[U] * 9))]
    assert trouble(calls) == {}


OPERATORS = (
    "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift lt le gt ge eq ne getitem contains".split()
)
THEIRS = ("true", "hostile", "large Fraction")  # they answer before an expression is asked


@pytest.mark.parametrize("name", [*OPERATORS, "divmod"])
def test_an_operator_with_odd_values(name):
    function = divmod if name == "divmod" else getattr(operator, name)
    calls = [(odd, lambda v=v: function(U, v)) for odd, v in values()]
    if name not in ("getitem", "contains"):
        calls += [(f"{odd} on the left", lambda v=v: function(v, U)) for odd, v in values() if odd not in THEIRS]
    assert trouble([call for call in calls if not (name in ("eq", "ne") and call[0] == "hostile")]) == {}


def test_slices_and_calls_with_odd_values():
    forms = {
        "v:k": lambda v: U[v:k],
        ":v": lambda v: U[:v],
        ":k:v": lambda v: U[:k:v],
        ":, :v": lambda v: U[:, :v],
        "call": U,
        "modulus": lambda v: pow(U, 2, v),
        "round": lambda v: round(U, v),
        "set": lambda v: operator.setitem(U, 0, v),
    }
    assert trouble((f"{f} of {o}", lambda c=c, v=v: c(v)) for f, c in forms.items() for o, v in values()) == {}


def cell_with(**body):
    class Made(Cell):
        x, h = Input(body.get("size", n)), State(k)
        b = Constant(body.get("constant", 1.0))
        a = body["equation"] if "equation" in body else b
        h.next = body["next"] if "next" in body else tanh(affine(x, h)) * b * body.get("factor", 1)

    return Made


@pytest.mark.parametrize("place", ["size", "constant", "equation", "next", "factor"])
def test_a_whole_cell_with_odd_values(place):
    def made(value):
        cell = cell_with(**{place: value})
        check(cell), lstmspec.lint(cell), str(cell.shapes)
        if not cell.shapes.diagnostics:
            str(cell.adjoint), str(cell.equations["h.next"].sympy), str(cell.jacobian("h.next", "h"))

    assert trouble((odd, lambda v=v: made(v)) for odd, v in values()) == {}


def test_a_class_statement_with_odd_values():
    def with_option(value):
        class Made(Cell, option=value):
            pass

    calls = [(f"option={odd}", lambda v=v: with_option(v)) for odd, v in values()]
    calls += [(f"body {odd}", lambda v=v: CellMeta("Made", (Cell,), v)) for odd, v in values()]
    calls += [(f"name {odd}", lambda v=v: CellMeta(v, (Cell,), {})) for odd, v in values()]
    calls += [("mro", lambda: type(Cell)("Made", (Cell, LSTM), {})), ("no cell", lambda: Cell.system)]
    calls += [(f"call {odd}", lambda v=v: LSTM(v)) for odd, v in values()]
    calls += [(f"assigned {odd}", lambda v=v: setattr(LSTM, "f", v)) for odd, v in values()]
    assert trouble(calls) == {}


def test_two_bases_in_no_order_are_a_finding():
    with pytest.raises(lstmspec.SpecError, match=r"LS208.*`Made` cannot be made"):

        class Made(Cell, LSTM):
            pass


def hashable(value):
    try:
        hash(value)
    except Exception:
        return False
    return True


QUESTIONS = {
    "assume's name": lambda v: assume(LSTM, v, 3),
    "assume's size": lambda v: assume(LSTM, "h", v),
    "a layout's name": lambda v: layout(LSTM, v),
    "a layout's suffix": lambda v: layout(LSTM, "pytorch", suffix=v),
    "arrays": KNOWN.to_spec,
    "one array": lambda v: KNOWN.to_spec({**STORED, "bias_ih_l0": v}),
    "an array's name": lambda v: KNOWN.to_spec({**STORED, v: STORED["bias_ih_l0"]}) if hashable(v) else None,
    "parameters": KNOWN.from_spec,
    "one parameter": lambda v: KNOWN.from_spec({**SPEC, "b_f": v}),
    "Layout's cell": lambda v: Layout(v, ()),
    "Layout's arrays": lambda v: Layout(LSTM.system, v),
    "Layout's offsets": lambda v: Layout(LSTM.system, KNOWN.arrays, v),
    "one offset": lambda v: Layout(LSTM.system, KNOWN.arrays, {"b_f": v}).to_spec(STORED),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_with_odd_values(name):
    assert trouble((odd, lambda v=v: QUESTIONS[name](v)) for odd, v in values()) == {}


# -- audits: what cannot be compared is a finding of their result ------------------------------------------------------

MODULE = torch.nn.RNN(3, 5)
AUDITED = CELLS["Elman"]
FITTING = {"name": "text", "sizes": "None", "seed": "np.int64"}
OPTIONS = {
    "sizes": lambda v: audit(AUDITED, MODULE, sizes=v),
    "n": lambda v: audit(AUDITED, MODULE, sizes={"n": v, "k": 5}),
    "k": lambda v: audit(AUDITED, MODULE, sizes={"n": 3, "k": v}),
    "constants": lambda v: audit(AUDITED, MODULE, constants=v),
    "beta": lambda v: audit(CELLS["JANET"], MODULE, constants={"beta": v}),
    "parameters": lambda v: audit(AUDITED, MODULE, parameters=v),
    "W_h": lambda v: audit(AUDITED, MODULE, parameters={"W_h": v}),
    "arrays": lambda v: audit(AUDITED, lambda *a: a[1], arrays=v),
    "one array": lambda v: audit(AUDITED, lambda *a: a[1], arrays={"a": v}),
    "name": lambda v: audit(AUDITED, MODULE, name=v),
    "seed": lambda v: audit(AUDITED, MODULE, seed=v),
    "progress": lambda v: audit(AUDITED, MODULE, progress=v),
    "module": lambda v: audit(AUDITED, v),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_audit_with_odd_options(name):
    reports = {}
    calls = [(odd, lambda o=odd, v=v: reports.update({o: OPTIONS[name](v)})) for odd, v in values()]
    assert trouble(calls) == {}
    for odd, report in reports.items():
        assert report.agrees or report.findings[0].code.name in ("LS401", "LS402", "LS404"), odd
        assert max(map(len, str(report).split("\n"))) < 2000, odd


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sizes": {"n": "3", "k": 5}}, "sizes['n'] is '3'; expected an integer from 1 to 1,000,000"),
        (
            {"sizes": {"n": 3, "k": 10**5}},
            "at these sizes the parameters have 10,000,400,000 numbers, and its arrays 50",
        ),
        ({"sizes": {"n": 3}}, "sizes={…} lacks k"),
        ({"sizes": {"n": 3, "q": 5}}, "the cell has no size `q`; it has n, k"),
        ({"sizes": [3, 5]}, "sizes is [3, 5]; expected {name: value} with names of n, k"),
        ({"seed": -1}, "seed is -1; expected an integer, 0 or more"),
        ({"name": 3}, "name is 3; expected text"),
        ({"constants": {"q": 1.0}}, "the cell has no constant `q`; it has none"),
        ({"parameters": {"q": "w"}}, "parameters['q'] is 'w': the cell has no such parameter; it has W_h, b_h"),
        ({"progress": 3}, "progress is 3; expected a function that is given the edits"),
    ],
    ids=str,
)
def test_an_option_that_cannot_be_used_is_named(options, words):
    (finding,) = audit(AUDITED, MODULE, **options).findings
    assert (finding.code.name, finding.message.split(": ", 1)[1]) == ("LS404", words)


@pytest.mark.parametrize("size", ["np.int64", "0-d array"])
def test_sizes_of_numpy_are_sizes(size):
    made = cell_with(size=ODD[size])
    assert made.shapes.of["x"] == Input(3).shape
    assert audit(AUDITED, MODULE, sizes={"n": ODD[size], "k": 5}).agrees
    assert assume(made, "h", ODD[size]).forced == {"k": 3}
    assert Weight(ODD[size], k).shape == Weight(3, k).shape
    assert Bias(init=ODD["np.float64"]).initial == Bias(init=2.5).initial


@pytest.mark.parametrize("value", [np.timedelta64(3), np.timedelta64(3, "D"), np.ma.masked], ids=repr)
def test_spans_of_time_and_masked_values_are_no_numbers(value):
    with pytest.raises(SpecError, match="LS208"):
        tanh(Input(k)) * value
