"""The lints: each in several situations, silent where nothing is wrong, and where it is allowed."""

import dataclasses
from pathlib import Path

import linting
import pytest
from examples import cells_of, findings, texts, written

from lstmspec import Code, lint, zoo

HEAD = """
import sympy
from lstmspec import Bias, Cell, Constant, Input, Output, State, Weight, affine, allow, concat, dims, elementwise, exp
from lstmspec import cumsum, linear, log, maximum, relu, sigmoid, softmax, softplus, sqrt, sum, tanh, where
n, k, m = dims("n k m")
swish = elementwise(lambda u: u * sigmoid(u))
bump = elementwise(lambda u: 1 / (1 + u**2))
step = elementwise(lambda u: sympy.Piecewise((0, u < 0), (1, True)))
""".lstrip()
LINTS = [code.name for code in Code if code.is_lint]
ROWS = [(code, case, *row) for code in LINTS for case, row in getattr(linting, code).items()]
USERS = Path(__file__).parent / "users"


def said(path):
    return [f"{finding.code.name}: {finding.message}" for finding in findings(path)]


@pytest.mark.parametrize(("code", "case", "body", "expected"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_all_that_is_said_of_a_cell(code, case, body, expected, tmp_path):
    assert said(written(tmp_path, HEAD, body)) == expected


@pytest.mark.parametrize("code", LINTS)
def test_every_lint_has_cells_where_it_fires_and_where_it_is_silent(code):
    rows = [expected for _, expected in getattr(linting, code).values()]
    assert any(code in " ".join(expected) for expected in rows)
    assert [] in rows


# -- allowances --------------------------------------------------------------------------------------------------------

BASE = (
    HEAD
    + """
class Base(Cell):
    x, h = Input(n), State(k)
    f = allow(affine(x, h), LS306="trained so")
    h.next = f * h + tanh(affine(x))
"""
)


def test_a_variant_inherits_what_its_base_allows_and_need_not_need_it(tmp_path):
    assert said(written(tmp_path, BASE, "g = 1.0\nh = State(k)\nh.next = Base.f * h + g", "Base")) == []
    assert said(written(tmp_path, BASE, "h = State(k)\nh.next = sigmoid(Base.f) * h", "Base")) == []


def test_a_variant_that_defines_it_anew_allows_it_anew(tmp_path):
    expected = ["LS306: `f` multiplies `h` and has no bounds"]
    assert said(written(tmp_path, BASE, "f = linear(Base.x)", "Base")) == expected
    assert said(written(tmp_path, BASE, 'f = allow(linear(Base.x), LS306="too")', "Base")) == []
    expected = ["LS309: LS306 is allowed in `f`, but does not fire there"]
    assert said(written(tmp_path, BASE, 'f = allow(sigmoid(linear(Base.x)), LS306="too")', "Base")) == expected


def test_an_allowance_that_is_not_needed_has_its_reason_in_the_text(tmp_path):
    path = written(tmp_path, HEAD, linting.X + 'h.next = tanh(allow(affine(x, h), LS307="no log here"))')
    assert texts(path) == ["""
warning[LS309]: LS307 is allowed in `h.next`, but does not fire there
  --> mine.py:10:19
   |
10 |     h.next = tanh(allow(affine(x, h), LS307="no log here"))
   |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = in cell `Mine`, equation `h.next`
   = the reason given is: no log here
   = help: drop it
""".strip()]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "LS208: allow needs the code of a lint with a reason"),
        ('LS307=" "', "LS208: LS307 is allowed without a reason"),
        ('LS102="why"', "LS207: LS102 is an error, which cannot be allowed"),
        ('LS399="why"', "LS207: LS399 is no lint's code"),
    ],
)
def test_an_allowance_needs_a_lint_and_a_reason(options, expected, tmp_path):
    assert said(written(tmp_path, HEAD, linting.X + f"h.next = allow(tanh(affine(x, h)), {options})")) == [expected]


# -- cells that are right ----------------------------------------------------------------------------------------------

# What is said of cells from the literature: each was read, and each can be allowed or written more clearly.
SAID = {
    "JANET": ["LS304 h.next"],  # the two gates overlap by beta, on purpose
    "FullGateRecurrence": ["LS303 gf.next", "LS303 go.next", "LS303 gi.next", "LS303 go.next"],  # .prev says it
    "SRU": ["LS303 r"],  # likewise
    "SLSTM": ["LS306 f", "LS307 h.next"],  # that m.next is the larger of two, and v.next above 0, is beyond intervals
}


def test_what_is_said_of_cells_from_the_literature():
    cells = cells_of(USERS / "known.py")
    found = {cell.__name__: [f"{f.code.name} {f.equation}" for f in lint(cell)] for cell in cells}
    assert len(found) == 28
    assert {name: codes for name, codes in found.items() if codes} == SAID


@pytest.mark.parametrize("name", zoo.cells())
def test_built_in_cells_have_no_lint(name):
    assert lint(zoo.cells()[name]) == ()


def allowances(system):
    return {a.code for holder in (*system.symbols.values(), *system.equations.values()) for a in holder.allowed}


ALLOWING = [name for name, cell in zoo.cells().items() if allowances(cell.system)]


@pytest.mark.parametrize("name", ALLOWING)
def test_what_a_built_in_cell_allows_is_what_would_be_said_without(name):
    system = zoo.cells()[name].system
    symbols, equations = (
        {each.name: dataclasses.replace(each, allowed=()) for each in holders.values()}
        for holders in (system.symbols, system.equations)
    )
    found = lint(dataclasses.replace(system, symbols=symbols, equations=equations))
    assert {finding.code for finding in found} == allowances(system)


@pytest.mark.parametrize("name", ALLOWING)
def test_an_allowance_of_a_built_in_cell_that_does_not_fire_is_told(name):
    system = zoo.cells()[name].system
    (holder, allowance), *_ = ((e, e.allowed[0]) for e in system.equations.values() if e.allowed)
    other = dataclasses.replace(allowance, code=Code.LS301)
    moved = dataclasses.replace(holder, allowed=(*holder.allowed, other))
    found = lint(dataclasses.replace(system, equations={**system.equations, holder.name: moved}))
    assert [finding.code for finding in found] == [Code.LS309]


def test_every_allowance_of_the_built_in_cells_was_looked_at():
    sources = Path(str(next(iter(zoo.cells().values())).system.body.co_filename)).parent.glob("*.py")
    written = sum("allow(" in source.read_text(encoding="utf-8") for source in sources)
    assert written == len(ALLOWING) > 0


# -- fine points -------------------------------------------------------------------------------------------------------

ZRA = linting.X + "z, r, a = sigmoid(affine(x, h)), sigmoid(affine(x, h)), tanh(affine(x, h))\n"
UNEVEN = "LS304: the weights of an interpolation do not sum to one in equation `h.next`"
FINE_POINTS = {
    "the square of what can be 0": (
        linting.X + "a = tanh(affine(x, h))\nh.next = a + log(a * a)",
        ["LS307: `log(a * a)` may leave its domain in equation `h.next`"]),
    "the complement of a complement": (ZRA + "f = 1 - z\nh.next = f * h + (1 - f) * a + r", []),
    "another form of the gate": (
        ZRA + "h.next = z * h + (1 + z) * a + r", [UNEVEN]),
    "a difference of the weights": (
        ZRA + "h.next = z * h - (1 - z) * a + r", [UNEVEN]),
    "written as a difference": (ZRA + "h.next = h * z - (z - 1) * a + r", []),
    "a gain around one": (ZRA + "h.next = (1 + z) * a + r * h", []),
    "a gate that rises over the units": (
        linting.X + "h.next = cumsum(softmax(affine(x, h))) * h + tanh(affine(x))", []),
    "a running sum of gates": (
        linting.X + "h.next = cumsum(sigmoid(affine(x, h))) * h + tanh(affine(x))",
        ["LS306: `cumsum(sigmoid(W_h1 @ concat(x, h) + b_h1))` multiplies `h` and has no bounds"]),
    "two gates": (ZRA + "h.next = (1 - z) * h + z * (1 - r) * a", []),
    "a step of Euler's": (
        linting.X + "dt, tau = Constant(0.1), Constant(2.0)\nh.next = (1 - dt / tau) * h + dt * tanh(affine(x))", []),
    "a readout of a state": (
        linting.X + "h.next = linear(x, h)\ny = Output(affine(h.next, size=m))", []),
    "a product that is only emitted": (
        linting.X + "h.next = tanh(affine(x, h))\ny = Output(h.next * affine(x))", []),
    "a share": (ZRA + "h.next = z / (z + r) * h + a", []),
    "the old and the new value side by side": (
        linting.C + linting.NEW + "h.next = tanh(affine(x, h) + c.next - c)", []),
    "a power of a large number": (linting.X + "h.next = tanh(affine(x, h)) + (1e200 * tanh(h)) ** 2", []),
    "an allowance for each of two expressions": (
        linting.X + 'h.next = tanh(affine(allow(log(x), LS307="counts"), allow(log(h), LS307="counts")))', []),
}  # fmt: skip


@pytest.mark.parametrize("case", FINE_POINTS)
def test_what_should_be_said(case, tmp_path):
    body, expected = FINE_POINTS[case]
    assert said(written(tmp_path, HEAD, body)) == expected
