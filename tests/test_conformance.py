"""Every built-in cell against what others wrote: the paper transcribed, and libraries that compute the same."""

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import BACKENDS, CELLS, every_backend, runner, runners
from torch import sigmoid, tanh

from lstmspec import zoo
from lstmspec.conformance import (
    EXACT,
    KINDS,
    cases,
    command,
    compared,
    expectation,
    gradients,
    rounded,
    table,
    tensors,
)
from lstmspec.documents import Document, DocumentError
from lstmspec.emit import Runner, cell_of, drafted, package_of, source_of
from lstmspec.procedure import Model, procedures
from lstmspec.proofs import Planted, difference, faults, files_of
from lstmspec.zoo.counterparts import (
    PAPER,
    ROWS,
    Counterpart,
    Row,
    papers_gated,
    papers_lstm,
    pre,
    renamed,
    same,
    whole,
)

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [(name, place) for name, row in ROWS.items() for place in range(len(row.counterparts))]


def compared_with(name: str, row: Row | None = None, place: int = 0, models: dict[str, Runner] | None = None):
    row = row or ROWS[name]
    return compared(CELLS[name], row, row.counterparts[place], models or runners(CELLS[name]))


def faults_of(name: str, row: Row | None = None, place: int = 0) -> list[str]:
    return compared_with(name, row, place).faults


def drawn(name: str):
    return cases(CELLS[name], ROWS[name])[0]


# -- the cells ---------------------------------------------------------------------------------------------------------


def test_every_cell_has_a_row_and_every_row_a_cell():
    assert set(ROWS) == set(CELLS)


@pytest.mark.parametrize(("name", "place"), PAIRS, ids=[f"{n}-{ROWS[n].counterparts[i].name}" for n, i in PAIRS])
def test_the_models_compute_what_the_counterpart_computes(name, place):
    result = compared_with(name, place=place)
    assert result.faults == []
    assert {title for title, _ in result.errors} == runners(CELLS[name]).keys() >= {b.title for b in BACKENDS}
    kinds = {kind for _, kind in result.errors}
    assert kinds >= {"outputs"} | (set() if result.counterpart.single else {"gradients"})
    assert result.counterpart.name != PAPER or kinds == set(KINDS)


def test_there_are_not_fewer_comparisons_than_there_were():
    assert sum(not ROWS[name].counterparts[place].differs for name, place in PAIRS) >= 68


@pytest.mark.parametrize("name", ROWS)
def test_the_paper_has_every_parameter_input_and_state_of_the_spec(name):
    system = CELLS[name].system
    at = tensors(drawn(name).at, grad=True)
    results = ROWS[name].evaluated(ROWS[name].counterparts[0], at)
    found = gradients(sum((u * u).sum() for u in results.values()), at)
    assert [argument for argument, gradient in found.items() if not gradient.any()] == []
    assert {f"{state}.next" for state in system.states} | {"output"} == results.keys()


@pytest.mark.parametrize("name", ROWS)
def test_sizes_are_distinct_primes(name):
    case = drawn(name)
    every = [*case.sizes.values(), *case.d["output"].shape[:2]]
    assert list(case.sizes) == list(CELLS[name].shapes.dims) and len(set(every)) == len(every)
    assert all(size > 1 and all(size % d for d in range(2, size)) for size in every)


def test_a_clock_is_seen_in_each_of_its_phases():
    at = drawn("PhasedLSTM").at
    phase = np.mod(at["t"][..., None] - at["shift"], at["tau"]) / at["tau"]
    shares = np.mean(phase < at["r_on"] / 2), np.mean(phase < at["r_on"]), np.mean(phase >= at["r_on"])
    assert shares[0] > 0.1
    assert shares[1] - shares[0] > 0.1
    assert shares[2] > 0.1


@pytest.mark.parametrize("name", ["SLSTM", "MLSTM"])
@pytest.mark.parametrize("size", [1e2, 1e3])
def test_exponential_gates_do_not_overflow(name, size):
    row, case = ROWS[name], drawn(name)
    case = case.with_(b_i=np.asarray(case.at["b_i"] + size))
    values = expectation(row, row.counterparts[0], case, values_alone=True).values
    assert all(np.all(np.isfinite(value)) for value in values.values())
    for model in runners(CELLS[name]).values():
        assert difference(model.forward(case), values).error <= EXACT


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
def test_an_altered_transcription_is_seen_in_every_model_and_all_results(fault):
    found = faults_of("LSTM", ALTERED[fault])
    assert len(found) == 4 * len(runners(CELLS["LSTM"])), found  # values, states, gradients, second derivatives


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
def test_a_misplaced_parameter_is_seen_by_every_counterpart(fault):
    name, changes = MISPLACED[fault]
    row = dataclasses.replace(ROWS[name], parameters={**ROWS[name].parameters, **changes})
    assert all(faults_of(name, row, place) for place in range(len(row.counterparts)))


def test_another_constant_is_seen():
    assert faults_of("JANET", dataclasses.replace(ROWS["JANET"], constants={"beta": 1.001}))


def test_states_in_another_order_are_seen():
    assert faults_of("SLSTM", dataclasses.replace(ROWS["SLSTM"], states="h total c m"))


def test_a_transcription_of_another_cell_is_seen():
    before = dataclasses.replace(ROWS["AUGRU"], step=papers_gated.augru, parameters=ROWS["AUGRU"].parameters)
    assert len(faults_of("AUGRU", before)) == 4 * len(runners(CELLS["AUGRU"]))
    wrong = dataclasses.replace(ROWS["Elman"], step=papers_lstm.elman_relu)
    assert len(faults_of("Elman", wrong)) == 4 * len(runners(CELLS["Elman"]))


PASSES = {"forward": {"outputs", "states"}, "backward": {"gradients"}, "adjoint": {"second"}, "tangent": {"second"}}


@every_backend
@pytest.mark.parametrize("faulty", PASSES)
def test_a_fault_in_a_model_is_seen_where_it_is(faulty, backend):
    cell = CELLS["Peephole"]
    model = Model(cell.system)
    made = procedures(model)
    procedure = next(one for one in made if one.name == faulty)
    found = list(faults(procedure))[:: len(procedure.assignments)]
    trials = [Planted(backend, fault, f"{model.folder}_fault{at}") for at, fault in enumerate(found)]
    files = files_of(model, made, source_of(cell_of(model)), trials)
    good = runner(cell, backend)
    seen = 0
    with package_of({**drafted([cell.system], [backend]), **files}) as package:
        for trial in trials:
            models = {"good": good, "faulty": backend.runner(package, trial.folder)}
            try:
                with np.errstate(all="ignore"):
                    result = compared_with("Peephole", models=models)
            except (RuntimeError, ValueError, TypeError, IndexError):  # shapes that do not fit
                continue
            bad = {key for key, error in result.errors.items() if error > result.bound(key[1])}
            assert {title for title, _ in bad} <= {"faulty"}
            assert faulty == "forward" or {kind for _, kind in bad} <= {*PASSES[faulty], "second"}, str(trial)
            seen += bool(PASSES[faulty] & {kind for _, kind in bad})
    assert seen >= 3


def test_a_library_that_is_said_to_differ_must_differ():
    agreeing = Counterpart("library", ROWS["NAS"].counterparts[0].results, differs="nothing at all")
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
    one, other = {"a": np.array(actual), "b": np.zeros(1)}, {"a": np.array(expected), "b": np.zeros(1)}
    assert difference(one, other).error == math.inf


def test_names_are_compared_too():
    assert difference({"a": np.ones(2)}, {"b": np.ones(2)}).error == math.inf
    assert difference({"a": np.ones(2), "b": np.zeros(1)}, {"a": np.ones(2)}).error == math.inf
    assert difference({"a": np.ones(2)}, {"a": np.ones(2)}).error == 0


# -- the command and the documented table ------------------------------------------------------------------------------


def test_the_documented_table_has_every_cell_with_its_oracles():
    rows = [line.split(" | ") for line in (document_text().splitlines()) if line.startswith("| `")]
    assert {row[0].strip("| `") for row in rows} == set(ROWS)
    for row in rows:
        others = ROWS[row[0].strip("| `")].others
        assert all(one.name.removeprefix("un") in row[2] for one in others)
        assert float(row[3].strip(" |")) <= EXACT


def document_text() -> str:
    text = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
    assert command.DOCUMENT.read() == text  # the one that the command writes
    return text.split(command.DOCUMENT.start)[1].split(command.DOCUMENT.end)[0]


def test_a_table_is_stale_when_a_name_changes_and_not_when_a_digit_does(tmp_path):
    results = [compared_with(name, place=at) for name, at in PAIRS if name in ("LSTM", "NAS")]
    document, made = Document(tmp_path / "document.md", "<start>", "<end>"), table(results, CELLS)
    document.path.write_text("before\n<start>\nold\n<end>\nafter\n")
    document.write(made)
    assert document.path.read_text() == f"before\n<start>\n{made}\n<end>\nafter\n"
    assert document.stale(made) == []
    assert document.stale(made.replace("1e-14", "1e-13")) == []
    assert document.stale(made.replace("torch.nn.LSTM", "torch.nn.GRU"))
    assert document.stale(made.replace("1e-14", "1e+3"))
    assert "torchrecurrent differs: l3 = relu(u3 + v3)" in made


@pytest.mark.parametrize("text", ["text", "<start>", "<end>\n<start>", None, b"\xff"])
def test_a_document_without_a_place_is_refused_and_stays_as_it_is(text, tmp_path):
    document = Document(tmp_path / "document.md", "<start>", "<end>")
    if text is not None:
        document.path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = document.path.read_bytes() if document.path.exists() else None
    for refused in (document.read, lambda: document.write("table"), lambda: document.stale("table")):
        with pytest.raises(DocumentError, match=r"no place for the table|cannot read"):
            refused()
    assert (document.path.read_bytes() if document.path.exists() else None) == before
    assert len(list(tmp_path.iterdir())) == (text is not None)


@pytest.mark.parametrize(("error", "text"), [(0.0, "1e-14"), (3e-16, "1e-14"), (1e-13, "1e-13"), (1.1e-13, "1e-12")])
def test_errors_are_rounded_up(error, text):
    assert rounded([error, None, 0.0]) == text


def test_the_command_says_what_it_found(monkeypatch):
    done = CliRunner().invoke(command.main, ["gru"])
    assert done.exit_code == 0, done.output
    assert "torch.nn.GRU" in done.output
    assert "1 cells: 3 of 3 comparisons within their bounds" in done.output
    monkeypatch.setitem(command.ROWS, "LSTM", ALTERED["a stale state"])
    done = CliRunner().invoke(command.main, ["LSTM"])
    assert done.exit_code == 1
    assert "FAILS" in done.output
    assert f"error: LSTM: outputs of the {BACKENDS[0].title} model differ from paper by" in done.output
    monkeypatch.delitem(command.ROWS, "MGU")
    done = CliRunner().invoke(command.main, ["MGU"])
    assert done.exit_code == 1
    assert "error: MGU has no row in lstmspec/zoo/counterparts/table.py" in done.output


def test_the_command_checks_and_writes_the_table(monkeypatch, tmp_path):
    rows = {name: ROWS[name] for name in ("Elman", "TRNN")}
    document = dataclasses.replace(command.DOCUMENT, path=tmp_path / "README.md")
    monkeypatch.setattr(command, "ROWS", rows)
    monkeypatch.setattr(zoo, "cells", lambda: {name: CELLS[name] for name in rows})
    monkeypatch.setattr(command, "DOCUMENT", document)
    assert CliRunner().invoke(command.main, ["--check"]).exit_code == 2  # there is no such file
    document.path.write_text("no marks", encoding="utf-8")
    assert CliRunner().invoke(command.main, ["--write"]).exit_code == 2
    document.path.write_text(f"{document.start}\n{document.end}\n", encoding="utf-8")
    done = CliRunner().invoke(command.main, ["--check"])
    assert done.exit_code == 1
    assert "README.md is stale; see --write" in done.output
    assert CliRunner().invoke(command.main, ["--write"]).exit_code == 0
    assert CliRunner().invoke(command.main, ["--check"]).exit_code == 0
    assert document.path.read_text(encoding="utf-8").count("\n| `") == len(rows)


@pytest.mark.parametrize("arguments", [["LTSM"], ["--write", "LSTM"], ["--check", "LSTM"], ["--no-such-option"]])
def test_what_cannot_be_run_ends_with_two(arguments):
    assert CliRunner().invoke(command.main, arguments).exit_code == 2


def test_a_library_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(command, "LIBRARIES", ("torch", "no_such_library"))
    done = CliRunner().invoke(command.main, ["LSTM"])
    assert done.exit_code == 2
    assert "no_such_library" in done.stderr and "pip install 'lstmspec[test]'" in done.stderr


def test_the_command_runs_anywhere(tmp_path):
    script = ROOT / "scripts" / "conform.py"
    done = subprocess.run([sys.executable, script, "Elman"], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
