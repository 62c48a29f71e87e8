"""Every built-in cell against what others wrote: the paper transcribed, and libraries that compute the same."""

import dataclasses
import importlib
import itertools
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conforming import document, papers_gated, papers_lstm, trial
from conforming.cases import BATCH, SIZES, TIME, draw
from conforming.errors import largest_difference, worst
from conforming.models import tensors
from conforming.papers import pre
from conforming.rows import PAPER, Oracle, Row, evaluated, renamed, same, whole
from conforming.table import ROWS
from conforming.trial import KINDS, compared
from helpers import CELLS, altered, numpy_module
from torch import sigmoid, tanh

from lstmspec import zoo

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [(name, place) for name, row in ROWS.items() for place in range(len(row.oracles))]


@pytest.fixture(scope="module")
def conform():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("conform")
    sys.path.remove(str(ROOT / "scripts"))


def faults_of(name: str, row: Row | None = None, oracle: int = 0) -> list[str]:
    row = row or ROWS[name]
    return compared(CELLS[name], row, row.oracles[oracle]).faults


# -- the cells ---------------------------------------------------------------------------------------------------------


def test_every_cell_has_a_row_and_every_row_a_cell():
    assert set(ROWS) == set(CELLS)


@pytest.mark.parametrize(("name", "place"), PAIRS, ids=[f"{n}-{ROWS[n].oracles[i].name}" for n, i in PAIRS])
def test_the_models_compute_what_the_oracle_computes(name, place):
    result = compared(CELLS[name], ROWS[name], ROWS[name].oracles[place])
    assert result.faults == []
    assert {backend for backend, _ in result.errors} == {"numpy", "torch"}
    kinds = {kind for _, kind in result.errors}
    assert kinds >= {"outputs"} | (set() if result.oracle.single else {"gradients"})
    assert result.oracle.name != PAPER or kinds == set(KINDS)


@pytest.mark.parametrize("name", ROWS)
def test_the_paper_has_every_parameter_input_and_state_of_the_spec(name):
    system = CELLS[name].system
    case = draw(CELLS[name], ROWS[name].ranges)
    at = tensors(case.at, grad=True)
    results = evaluated(ROWS[name], ROWS[name].oracles[0], at)
    found = trial.gradients(sum((u * u).sum() for u in results.values()), at)
    assert [argument for argument, gradient in found.items() if not gradient.any()] == []
    assert {f"{state}.next" for state in system.states} | {"output"} == results.keys()


def test_sizes_are_distinct_primes():
    every = [*SIZES, TIME, BATCH]
    assert len(set(every)) == len(every)
    assert all(size > 1 and all(size % d for d in range(2, size)) for size in every)
    assert max(len(cell.shapes.dims) for cell in CELLS.values()) <= len(SIZES)


def test_a_clock_is_seen_in_each_of_its_phases():
    at = draw(CELLS["PhasedLSTM"], ROWS["PhasedLSTM"].ranges).at
    phase = np.mod(at["t"][..., None] - at["shift"], at["tau"]) / at["tau"]
    shares = np.mean(phase < at["r_on"] / 2), np.mean(phase < at["r_on"]), np.mean(phase >= at["r_on"])
    assert shares[0] > 0.1
    assert shares[1] - shares[0] > 0.1
    assert shares[2] > 0.1


@pytest.mark.parametrize("name", ["SLSTM", "MLSTM"])
@pytest.mark.parametrize("size", [1e2, 1e3])
def test_exponential_gates_do_not_overflow(name, size):
    row = ROWS[name]
    case = draw(CELLS[name], row.ranges)
    case = case.with_(b_i=np.asarray(case.at["b_i"] + size))
    values = {key: value.numpy() for key, value in evaluated(row, row.oracles[0], tensors(case.at)).items()}
    assert all(np.all(np.isfinite(value)) for value in values.values())
    for runs, module in ((trial.NUMPY, trial.numpy_module), (trial.TORCH, trial.torch_module)):
        assert worst(runs["values"](module(CELLS[name]), case), values) <= trial.EXACT


# -- faults planted in a transcription, in the place of a parameter, in a model ----------------------------------------


def lstm_with(f=sigmoid, new=lambda f, c, i, g: f * c + i * g, out=lambda o, c, c1: o * tanh(c1)):
    """The transcribed LSTM with one of its operators exchanged."""

    def step(p, x, h, c):
        i, o = sigmoid(pre(p, "i", x, h)), sigmoid(pre(p, "o", x, h))
        c1 = new(f(pre(p, "f", x, h)), c, i, tanh(pre(p, "g", x, h)))
        h1 = out(o, c, c1)
        return h1, (h1, c1)

    return dataclasses.replace(ROWS["LSTM"], step=step)


ALTERED = {
    "a sum for a product": lstm_with(new=lambda f, c, i, g: f * c + (i + g)),
    "a stale state": lstm_with(out=lambda o, c, c1: o * tanh(c)),
    "another activation": lstm_with(f=tanh),
    "no activation": lstm_with(out=lambda o, c, c1: o * c1),
    "swapped weights": lstm_with(new=lambda f, c, i, g: i * c + f * g),
}


def test_the_unaltered_one_agrees():
    assert faults_of("LSTM", lstm_with()) == []


@pytest.mark.parametrize("fault", ALTERED)
def test_an_altered_transcription_is_seen_in_both_backends_and_all_results(fault):
    found = faults_of("LSTM", ALTERED[fault])
    assert len(found) == 8, found  # values, states, gradients, second derivatives of two models


MISPLACED = {
    "two gates": ("LSTM", {"W_i": ROWS["LSTM"].parameters["W_f"]}),
    "two biases": ("LSTM", renamed(b_i="b_f", b_f="b_i")),
    "two peepholes": ("Peephole", renamed(p_i="p_f", p_f="p_i")),
    "a transposed matrix": ("GRU", {"U_m": lambda at: at["W_u"].T}),
    "a bias that is not there": ("GRU", {"b_u": lambda at: at["b_u"] * 0}),
    "half of a bias": ("Elman", {"b": whole("b_h", 0.5)}),
    "the two matrices of an input and the one before": ("QRNN", {"W1_z": ROWS["QRNN"].parameters["W2_z"]}),
}


@pytest.mark.parametrize("fault", MISPLACED)
@pytest.mark.parametrize("oracle", [0, 1])
def test_a_misplaced_parameter_is_seen_by_every_oracle(fault, oracle):
    name, changes = MISPLACED[fault]
    if oracle < len(ROWS[name].oracles):
        row = dataclasses.replace(ROWS[name], parameters={**ROWS[name].parameters, **changes})
        assert faults_of(name, row, oracle)


def test_another_constant_is_seen():
    assert faults_of("JANET", dataclasses.replace(ROWS["JANET"], constants={"beta": 1.001}))


def test_states_in_another_order_are_seen():
    assert faults_of("SLSTM", dataclasses.replace(ROWS["SLSTM"], states="h total c m"))


def test_a_transcription_of_another_cell_is_seen():
    before = dataclasses.replace(ROWS["AUGRU"], step=papers_gated.augru, parameters=ROWS["AUGRU"].parameters)
    assert len(faults_of("AUGRU", before)) == 8
    assert len(faults_of("Elman", dataclasses.replace(ROWS["Elman"], step=papers_lstm.elman_relu))) == 8


MODELS = {
    "outputs": ("h_next = o * tanh_c_next", "h_next = o + tanh_c_next"),
    "gradients": ("d_a_f = d_c_next", "d_a_f = 2.001 * d_c_next"),
    "second": ("dd_d_f = ", "dd_d_f = 2.001 * "),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_fault_in_a_model_is_seen_where_it_is(kind, monkeypatch):
    name = "Peephole"  # its forget gate has an adjoint of its own, not a part of a stack
    wrong = altered(numpy_module(CELLS[name]), MODELS[kind])
    monkeypatch.setattr(trial, "numpy_module", lambda cell: wrong)
    result = compared(CELLS[name], ROWS[name], ROWS[name].oracles[0])
    bad = {key for key, error in result.errors.items() if error > result.bound(key[1])}
    assert ("numpy", kind) in bad
    assert {backend for backend, _ in bad} == {"numpy"}
    assert kind == "outputs" or not {("numpy", "outputs"), ("numpy", "states")} & bad


def test_a_library_that_is_said_to_differ_must_differ():
    agreeing = Oracle("library", ROWS["NAS"].oracles[0].results, differs="nothing at all")
    row = dataclasses.replace(ROWS["NAS"], others=(agreeing,))
    assert faults_of("NAS", row, 1) == ["NAS: library agrees, though it is said to differ"]


def test_a_library_with_parameters_that_are_not_given_is_refused():
    row = dataclasses.replace(
        ROWS["MGU"], others=ROWS["IndRNN"].others, parameters=ROWS["MGU"].parameters | same("b_f")
    )
    with pytest.raises((TypeError, AttributeError)):
        faults_of("MGU", row, 1)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([1.0, 2.0], [[1.0, 2.0]]),
        ([math.nan], [1.0]),
        ([1.0], [math.nan]),
        ([math.inf], [math.inf]),
        ([1.0], [1.0, 1.0]),
    ],
)
def test_what_cannot_be_compared_is_infinitely_far(actual, expected):
    assert largest_difference(np.array(actual), np.array(expected)) == math.inf


def test_names_are_compared_too():
    assert worst({"a": np.ones(2)}, {"b": np.ones(2)}) == math.inf
    assert worst({"a": np.ones(2), "b": np.zeros(1)}, {"a": np.ones(2)}) == math.inf
    assert worst({"a": np.ones(2)}, {"a": np.ones(2)}) == 0


# -- the command and the documented table ------------------------------------------------------------------------------


def test_the_documented_table_has_every_cell_with_its_oracles():
    rows = [line.split(" | ") for line in (document_text().splitlines()) if line.startswith("| `")]
    assert {row[0].strip("| `") for row in rows} == set(ROWS)
    for row in rows:
        others = ROWS[row[0].strip("| `")].others
        assert all(oracle.name.removeprefix("un") in row[2] for oracle in others)
        assert float(row[3].strip(" |")) <= trial.EXACT


def document_text() -> str:
    return (ROOT / "lstmspec" / "zoo" / "README.md").read_text(encoding="utf-8")


def test_a_table_is_stale_when_a_name_changes_and_not_when_a_digit_does():
    results = [r for name in ("LSTM", "NAS") for r in itertools.starmap(compared, _work(name))]
    table = document.table(results, CELLS)
    text = document.written(f"before\n{document.START}\nold\n{document.END}\nafter\n", table)
    assert document.stale(text, table) == []
    assert document.stale(text, table.replace("1e-14", "1e-13")) == []
    assert document.stale(text, table.replace("torch.nn.LSTM", "torch.nn.GRU"))
    assert document.stale(text, table.replace("1e-14", "1e+3"))
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "torchrecurrent differs: l3 = relu(u3 + v3)" in table


def _work(name):
    return [(CELLS[name], ROWS[name], oracle) for oracle in ROWS[name].oracles]


def test_a_text_without_marks_is_refused():
    with pytest.raises(document.NoMarksError, match="no place for the table"):
        document.written("text", "table")


@pytest.mark.parametrize(("error", "text"), [(0.0, "1e-14"), (3e-16, "1e-14"), (1e-13, "1e-13"), (1.1e-13, "1e-12")])
def test_errors_are_rounded_up(error, text):
    assert document.rounded([error, None, 0.0]) == text


def test_the_command_says_what_it_found(conform, monkeypatch):
    done = CliRunner().invoke(conform.main, ["GRU"])
    assert done.exit_code == 0, done.output
    assert "torch.nn.GRU" in done.output
    assert "1 cells: 3 of 3 comparisons within their bounds" in done.output
    monkeypatch.setitem(conform.ROWS, "LSTM", ALTERED["a stale state"])
    done = CliRunner().invoke(conform.main, ["LSTM"])
    assert done.exit_code == 1
    assert "FAILS" in done.output
    assert "error: LSTM: outputs of the numpy model differ from paper by" in done.output
    monkeypatch.delitem(conform.ROWS, "MGU")
    done = CliRunner().invoke(conform.main, ["MGU"])
    assert done.exit_code == 1
    assert "error: MGU has no row in scripts/conforming/table.py" in done.output


def test_the_command_checks_and_writes_the_table(conform, monkeypatch, tmp_path):
    rows = {name: ROWS[name] for name in ("Elman", "TRNN")}
    monkeypatch.setattr(conform, "ROWS", rows)
    monkeypatch.setattr(zoo, "cells", lambda: {name: CELLS[name] for name in rows})
    monkeypatch.setattr(conform, "ROOT", tmp_path)
    monkeypatch.setattr(conform, "DOCUMENT", tmp_path / "README.md")
    assert CliRunner().invoke(conform.main, ["--check"]).exit_code == 2  # there is no such file
    conform.DOCUMENT.write_text("no marks", encoding="utf-8")
    assert CliRunner().invoke(conform.main, ["--write"]).exit_code == 2
    conform.DOCUMENT.write_text(f"{document.START}\n{document.END}\n", encoding="utf-8")
    done = CliRunner().invoke(conform.main, ["--check"])
    assert done.exit_code == 1
    assert "error: README.md is stale; see --write" in done.output
    assert CliRunner().invoke(conform.main, ["--write"]).exit_code == 0
    assert CliRunner().invoke(conform.main, ["--check"]).exit_code == 0
    assert conform.DOCUMENT.read_text(encoding="utf-8").count("\n| `") == len(rows)


@pytest.mark.parametrize("arguments", [["LTSM"], ["--write", "LSTM"], ["--check", "LSTM"], ["--no-such-option"]])
def test_what_cannot_be_run_ends_with_two(conform, arguments):
    assert CliRunner().invoke(conform.main, arguments).exit_code == 2


def test_the_command_runs_anywhere(tmp_path):
    script = ROOT / "scripts" / "conform.py"
    done = subprocess.run([sys.executable, script, "Elman"], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
