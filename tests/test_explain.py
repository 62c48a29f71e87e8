"""`lstmspec explain`: costs counted by hand, numbers, and mends that check when they are applied."""

import re

import pytest
import sympy
from click.testing import CliRunner

import lstmspec
from lstmspec import SpecError, assume, zoo
from lstmspec.checker import check, cost
from lstmspec.cli import main
from lstmspec.cli._explain import mend
from lstmspec.sizes import sympy_from

CELLS = zoo.cells()
n, k = sympy.symbols("n k", integer=True, positive=True)
p, d, C, K = sympy.symbols("p d C K", integer=True, positive=True)
dense = k * (n + k)  # weights of a layer from n+k to k, and products of a step; k biases come to the weights
# By hand: parameters, multiply-adds, numbers in the state.
COSTS = {
    "AUGRU": (2 * (dense + k) + k * (n + 1) + k * (k + 1), 3 * dense, k),
    "CIFG": (3 * (dense + k), 3 * dense, 2 * k),
    "Elman": (dense + k, dense, k),
    "ElmanRelu": (dense + k, dense, k),
    "FullGateRecurrence": (3 * k * (n + 4 * k + 1) + dense + k + 3 * k, 3 * k * (n + 4 * k) + dense, 5 * k),
    "GRU": (2 * (dense + k) + k * (n + 1) + k * (k + 1), 3 * dense, k),
    "GRUResetBefore": (3 * (dense + k), 3 * dense, k),
    "IndRNN": (k * n + k + k, k * n, k),
    "IntersectionRNN": (4 * k * (2 * k + 1), 4 * k * 2 * k, k),
    "JANET": (2 * (dense + k), 2 * dense, k),
    "LayerNormCarriedLSTM": (4 * dense + 4 * k + 4 * k + 4 * k + 2 * k, 4 * dense, 2 * k),
    "LayerNormLSTM": (4 * dense + 4 * k + 4 * k + 4 * k + 2 * k, 4 * dense, 2 * k),
    "LiGRU": (2 * (dense + k), 2 * dense, k),
    "LSTM": (4 * (dense + k), 4 * dense, 2 * k),
    "LSTMP": (4 * k * (n + p + 1) + p * k, 4 * k * (n + p) + p * k, k + p),
    "MGU": (2 * (dense + k), 2 * dense, k),
    "MinGRU": (2 * k * (n + 1), 2 * k * n, k),
    "MinLSTM": (3 * k * (n + 1), 3 * k * n, k),
    "MiRU": (2 * (dense + k), 2 * dense, k),
    "MLSTM": (4 * d * (n + 1) + 2 * (n + 1), 4 * d * n + 2 * n + 2 * d * d + d, d * d + d + 1),
    "MultiplicativeLSTM": (4 * (dense + k) + dense, 5 * dense, 2 * k),
    "MUT1": (k * (k + 1) + k * (2 * k + 1) + k * (k + 1), 4 * k * k, k),
    "MUT2": (k * (k + 1) + 2 * k * (2 * k + 1), 5 * k * k, k),
    "MUT3": (3 * (dense + k), 3 * dense, k),
    "NAS": (8 * dense, 8 * dense, 2 * k),
    "NoForgetGate": (3 * (dense + k) + 2 * k, 3 * dense, 2 * k),
    "NoInputActivation": (4 * (dense + k) + 3 * k, 4 * dense, 2 * k),
    "NoInputGate": (3 * (dense + k) + 2 * k, 3 * dense, 2 * k),
    "NoOutputActivation": (4 * (dense + k) + 3 * k, 4 * dense, 2 * k),
    "NoOutputGate": (3 * (dense + k) + 2 * k, 3 * dense, 2 * k),
    "ONLSTM": ((4 * C * K + 2 * K) * (n + C * K + 1), (4 * C * K + 2 * K) * (n + C * K), 2 * C * K),
    "OriginalLSTM": (3 * (dense + k), 3 * dense, 2 * k),
    "Peephole": (4 * (dense + k) + 3 * k, 4 * dense, 2 * k),
    "PhasedLSTM": (4 * (dense + k) + 3 * k, 4 * dense, 2 * k),
    "QRNN": (3 * k * (2 * n + 1), 3 * k * 2 * n, n + k),
    "RAN": (2 * (dense + k) + k * n, 2 * dense + k * n, 2 * k),
    "SLSTM": (4 * (dense + k), 4 * dense, 4 * k),
    "SRU": (2 * k * (k + 1) + k * k + 2 * k, 3 * k * k, k),
    "SRUProjected": (2 * k * (n + 1) + 2 * k * n + 2 * k, 4 * k * n, k),
    "TRNN": (k * (n + 1) + k * n, 2 * k * n, k),
    "UGRNN": (2 * (dense + k), 2 * dense, k),
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
    assert (done.exit_code, "`q` is no dimension of this cell; it has n, k" in done.output) == (2, True)


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
    state = next(state for state in cell.system.states if len(cell.shapes.of[state]) == 1)
    source = mend(cell, assume(cell, state, 1)).partition("class ")
    names = {**vars(lstmspec), name: cell}
    exec("class " + source[2], names)
    mended = names[f"{name}WithReadout"]
    output = mended.system.output
    assert check(mended).diagnostics == ()
    assert output not in cell.system.equations
    assert [str(size) for size in mended.shapes.of[output]] == ["1"]
    assert mended.shapes.of[state] == cell.shapes.of[state]
    assert assume(mended, output, 1).forced == {}


def test_several_symbols_are_forced_where_no_other_choice_is_left():
    said = explain("ONLSTM", "--assume", "h is 1").output
    assert "assume h has size 1: this forces C = 1, K = 1\n" in said
    assert "and leaves C, K free:" in said
    assert assume(CELLS["ONLSTM"], "keep", 1).forced == {"C": 1, "K": 1}
    with pytest.raises(SpecError, match=r"cannot be 6 for any one choice of its symbols"):
        assume(CELLS["ONLSTM"], "h", 6)


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


def test_why_takes_sizes_and_an_assumption():
    said = explain("LSTM", "--why", "W_f", "--set", "n=1", "k=32", "--assume", "h is 1").output
    assert said.startswith("W_f is (k, n+k), here (32, 33)\n  k  ") and "assume h has size 1: this forces k = 1" in said
    assert "multiply-adds" not in said and "∂" not in said
    assert explain("LSTM", "--why", "b_f", "--set", "n=1").output.startswith("b_f is (k)\n")


def test_why_of_an_unknown_name_offers_a_near_one():
    done = explain("LSTM", "--why", "W_ff")
    assert done.exit_code == 1
    assert "`W_ff` is not part of this cell" in done.stderr
    assert "did you mean `W_f`?" in done.stderr


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_explained_with_a_line_for_each_name_and_each_state(name):
    cell, done = CELLS[name], explain(name)
    assert (done.exit_code, done.stderr) == (0, "")
    table, costs, carried = done.stdout.split("\n\n")
    first, *rows = table.splitlines()
    assert first.startswith(f"{name}: dimension")
    assert [row.split()[0] for row in rows if not row.startswith(" ")] == [*cell.shapes.of]
    assert not any(word in table for word in ("?", "None", "inferred"))  # every size has a reason
    assert costs.startswith("parameters  ")
    lines = [line for line in carried.splitlines() if line.startswith("∂")]
    assert [line.split()[0].rstrip(":") for line in lines] == [
        f"∂{state}.next/∂{state}" for state in cell.system.states
    ]
    assert max(map(len, carried.splitlines())) <= 120


@pytest.mark.parametrize("name", CELLS)
def test_the_adjoint_of_every_cell_is_printed_with_a_shape_for_each_line(name):
    done = CliRunner().invoke(main, ["grad", name])
    assert (done.exit_code, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines() if " = " in line and not line.startswith("#")]
    assert [line.split(" = ")[0] for line in lines] == list(CELLS[name].adjoint.equations)
    assert all(re.search(r"  \((\S+(, \S+)*)?\)$", line) for line in lines)


def test_a_jacobian_that_there_is_not_is_said_to_be_none():
    text = explain("LayerNormLSTM", "--assume", "h is 1").stdout
    assert "∂h.next/∂h: jacobian() is for vectors; `mean(W_h @ h)` is none, or joins them in a way that has" in text
    assert "assume h has size 1: this forces k = 1" in text


def test_the_jacobian_can_be_left_out():
    assert "∂c.next/∂c = diag(f)" in explain("LSTM").output
    assert "∂" not in explain("LSTM", "--no-jacobian").output
