"""`lstmspec explain`: costs counted by hand, numbers, and mends that check when they are applied."""

import re

import pytest
import sympy
from click.testing import CliRunner

import lstmspec
from lstmspec import SpecError, assume
from lstmspec.check import check, cost
from lstmspec.cli import main
from lstmspec.cli._explain import mend
from lstmspec.cli._load import builtin_cells
from lstmspec.dims import sympy_from

CELLS = builtin_cells()
n, k = sympy.symbols("n k", integer=True, positive=True)
# By hand: a dense layer from n+k to k has k*(n+k) weights and k biases.
COSTS = {
    "LSTM": (4 * k * (n + k + 1), 4 * k * (n + k), 2 * k),
    "CIFG": (3 * k * (n + k + 1), 3 * k * (n + k), 2 * k),
    "Peephole": (4 * k * (n + k + 1) + 3 * k, 4 * k * (n + k), 2 * k),
    "GRU": (2 * k * (n + k + 1) + k * (n + 1) + k * (k + 1), 3 * k * (n + k), k),
    "GRUResetBefore": (3 * k * (n + k + 1), 3 * k * (n + k), k),
}


def explain(*arguments):
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.parametrize("name", COSTS)
def test_costs_are_those_counted_by_hand(name):
    found = cost(CELLS[name])
    counted = (found.parameters, found.multiply_adds, found.state)
    assert [sympy.expand(sympy_from(a) - b) for a, b in zip(counted, COSTS[name], strict=True)] == [0, 0, 0]


def test_every_builtin_cell_is_counted():
    assert set(COSTS) == set(CELLS)


def test_numbers_replace_symbols():
    text = explain("LSTM", "--set", "n=1", "k=32").output
    assert "LSTM: n = 1, k = 32; lstmspec/zoo/lstm.py\n" in text
    assert "W_f     weight    (32, 33)" in text
    assert "parameters                     4352\n" in text
    assert "bytes of state (float32)       256" in text


def test_some_sizes_may_stay_free():
    text = explain("LSTM", "--set", "n=1").output
    assert "LSTM: n = 1; dimension k is free; lstmspec/zoo/lstm.py\n" in text
    assert "(k, k+1)" in text or "(k, 1+k)" in text


@pytest.mark.parametrize("setting", ["n", "n=", "n=0", "n=-1", "n=x", "n=²", "=3"])
def test_what_sets_no_size_is_refused(setting):
    done = explain("LSTM", "--set", setting)
    assert (done.exit_code, "sets no size; expected NAME=SIZE" in done.output) == (2, True)


def test_an_unknown_dimension_is_refused():
    done = explain("LSTM", "--set", "q=3")
    assert (done.exit_code, "`q` is no dimension of this cell; it has n, k" in done.output) == (1, True)


@pytest.mark.parametrize("text", ["h is 1", "h=1", " h  is 1 "])
def test_the_learners_question(text):
    said = explain("LSTM", "--assume", text).output
    assert "assume h has size 1: this forces k = 1" in said
    assert "  f : (k) → (1)" in said
    assert "  free: n\n" in said
    assert 'y = Output(affine(LSTM.h.next, name="y", size=1))' in said


@pytest.mark.parametrize("name", CELLS)
def test_the_mend_checks_when_it_is_applied(name):
    cell = CELLS[name]
    source = mend(cell, assume(cell, "h", 1)).partition("class ")
    names = {**vars(lstmspec), name: cell}
    exec("class " + source[2], names)
    mended = names[f"{name}WithReadout"]
    assert check(mended).diagnostics == ()
    assert [str(size) for size in mended.shapes.of["y"]] == ["1"]
    assert [str(size) for size in mended.shapes.of["h"]] == ["k"]
    assert assume(mended, "y", 1).forced == {}


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", True])
def test_an_assumption_needs_a_size(size):
    with pytest.raises(SpecError, match="is not a size; expected a positive integer"):
        assume(CELLS["LSTM"], "h", size)


def test_a_large_size_is_no_search():
    assert assume(CELLS["LSTM"], "h", 10**30).forced == {"k": 10**30}


def test_jacobians_are_shown():
    assert "∂c.next/∂c = diag(f)\n" in explain("LSTM", "--jacobian").output


def test_a_row_has_the_chain_of_each_size():
    rows = explain("LSTM").output.splitlines()
    first = next(number for number, row in enumerate(rows) if row.startswith("W_f "))
    assert rows[first].split("  ", 3)[3].strip().endswith("k: `f * c` in c.next, line 23 ← `c` is (k), line 16")
    assert rows[first + 1].strip() == (
        "n+k: `W_f @ concat(x, h)` in f, line 18 ← `x` is (n), line 15; `h` is (k), line 16"
    )


def test_a_variant_names_the_file_of_what_it_does_not_declare_itself():
    rows = {row.split()[0]: row for row in explain("Peephole").output.splitlines()[1:] if row.strip()}
    assert "lstmspec/zoo/lstm.py:" in rows["x"]
    assert re.search(r"declared so, line \d+$", rows["p_f"])  # most of its names stand in its own file


def test_why_shows_every_link_of_one_name():
    assert explain("LSTM", "--why", "b_g").output == (
        "b_g is (k)\n"
        "  k  `W_g @ concat(x, h) + b_g` in g  lstmspec/zoo/lstm.py:20\n"
        "     `i * g` in c.next                lstmspec/zoo/lstm.py:23\n"
        "     `f * c + i * g` in c.next        lstmspec/zoo/lstm.py:23\n"
        "     `f * c` in c.next                lstmspec/zoo/lstm.py:23\n"
        "     `c` is (k)                       lstmspec/zoo/lstm.py:16\n"
    )


def test_why_of_an_unknown_name_offers_a_near_one():
    done = explain("LSTM", "--why", "W_ff")
    assert done.exit_code == 1
    assert "`W_ff` is not part of this cell" in done.stderr
    assert "did you mean `W_f`?" in done.stderr


def test_the_jacobian_can_be_left_out():
    assert "∂c.next/∂c = diag(f)" in explain("LSTM").output
    assert "∂" not in explain("LSTM", "--no-jacobian").output
