"""The benchmark: it runs, it refuses to time values that differ, and its arithmetic is right. No time is asserted."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from helpers import BACKENDS, CELLS, draw, every_cell, every_model, runner, same
from list_backend import Lists

from lstmspec.benchmark import (
    Different,
    Plan,
    Timing,
    _models,
    _pairs,
    agree,
    chain,
    check_anew,
    command,
    excess,
    exponent,
    medians,
    pair,
    sizes_of,
    subjects,
    their_code,
    their_codes,
    verify,
)
from lstmspec.checker import check
from lstmspec.emit import generate, imported, write
from lstmspec.procedure import Model, procedures
from lstmspec.proofs import Kind, Planted, faults, files_of

ROOT = Path(__file__).resolve().parent.parent
PAIRED = [code.cell.__name__ for code in their_codes(CELLS)]
SMALL = (7, 2, 3, 5)


@pytest.fixture
def run():
    threads = torch.get_num_threads()
    yield lambda *arguments: CliRunner().invoke(command.main, [str(argument) for argument in arguments])
    torch.set_num_threads(threads)


# -- it runs -----------------------------------------------------------------------------------------------------------


class Bar:
    """A progress bar that only counts."""

    def __init__(self):
        self.total, self.said = 0, []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def add_task(self, name, total):
        self.total = total

    def update(self, task, advance, description):
        self.said.append(description)


@pytest.mark.parametrize("part", "abcd")
def test_a_part_runs_alone(part, run, monkeypatch, tmp_path):
    bar = Bar()
    monkeypatch.setattr(command, "progress", lambda: bar)
    done = run("--quick", "--only", part, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    results = json.loads((tmp_path / "out.json").read_text())
    assert {result["part"] for result in results} == {part}
    assert all(result["ms"] == result["ms"] for result in results)
    assert all(result["holds"] is None for result in results)
    for result in results:
        assert result["name"].split(":")[0] in " ".join(done.stdout.split())
    assert len(bar.said) == bar.total > 0  # the bar ends where the part does
    for backend in BACKENDS:
        assert part in "ab" or any(f"generated {backend.title}" in result["name"] for result in results)


def test_parts_can_be_combined(run, tmp_path):
    assert run("--quick", "--only", "b", "--only", "a", "--json", tmp_path / "out.json").exit_code == 0
    parts = [result["part"] for result in json.loads((tmp_path / "out.json").read_text())]
    assert parts == sorted(parts)
    assert set(parts) == {"a", "b"}


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # PyTorch's own, about its own
def test_every_cell_that_pytorch_has_a_module_of(run, tmp_path):
    assert run("--quick", "--only", "d", "--every", "--json", tmp_path / "out.json").exit_code == 0
    names = [result["name"] for result in json.loads((tmp_path / "out.json").read_text())]
    assert list(dict.fromkeys(name.split()[0] for name in names)) == PAIRED
    assert {"LSTM", "LSTMP", "GRU", "Elman", "ElmanRelu"} <= set(PAIRED)


def test_cells_are_chosen_by_name(run, tmp_path):
    arguments = ("--quick", "--only", "d", "--cell", "gru", "--cell", "Elman", "--cell", "GRU")
    assert run(*arguments, "--json", tmp_path / "out.json").exit_code == 0
    names = [result["name"] for result in json.loads((tmp_path / "out.json").read_text())]
    assert list(dict.fromkeys(name.split()[0] for name in names)) == ["GRU", "Elman"]
    assert any(name.endswith(": torch.nn.GRU") for name in names) and any(": torch.nn.RNN" in name for name in names)


def test_help_teaches(run):
    done = run("--help")
    assert done.exit_code == 0
    for piece in ("--quick", "--only", "--json", "--models", "python scripts/bench.py --only d", "Exit 0"):
        assert piece in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "e"), "Error:"),
        (("--json",), "Error:"),
        (("extra",), "Error:"),
        (("--unknown",), "Error:"),
        (("--cell", "LTSM"), "no module of a cell `LTSM`, but of lstm,"),
        (("--cell", "QRNN"), "no module of a cell `QRNN`"),
        (("--cell", "gru", "--every"), "--every has every cell"),
        (("--only", "a", "--cell", "gru"), "about parts c and d"),
        (("--models", "no/such/folder"), "does not exist"),
    ],
)
def test_wrong_usage_exits_2(arguments, said, run):
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_the_script_runs_in_one_thread(tmp_path):
    arguments = [sys.executable, ROOT / "scripts" / "bench.py", "--quick", "--only", "b"]
    done = subprocess.run(arguments, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "exponent of the growth" in done.stdout


# -- models of the user's ----------------------------------------------------------------------------------------------


def test_models_in_a_folder_are_timed(run, tmp_path):
    place, model = tmp_path / "models", Model(CELLS["GRU"].system)
    write(generate([CELLS["GRU"].system]), place)
    arguments = ("--quick", "--only", "d", "--cell", "gru", "--models", place)
    assert run(*arguments).exit_code == 0
    made = procedures(model)
    fault = next(fault for fault in faults(made[0]) if fault.kind is Kind.OPERATION)
    for backend in BACKENDS:
        good = {path: (place / path).read_text() for path in (f"gru/{file}" for file in backend.files(model, made))}
        wrong = files_of(model, made, "", [Planted(backend, fault, "gru")])
        for broken, said in ((wrong, "differs by"), (dict.fromkeys(good, "1 / 0"), "ZeroDivisionError")):
            for file in good:
                (place / file).write_text(broken[file])
            done = run(*arguments)
            assert done.exit_code in (1, 2) and said in done.stderr and done.stdout == ""
        for file, text in good.items():
            (place / file).write_text(text)
    assert run(*arguments).exit_code == 0


def test_models_that_fail_when_they_run_are_named(run, monkeypatch, tmp_path):
    write(generate([CELLS["GRU"].system]), tmp_path)

    def fails(self):
        raise IndexError("of the user's")

    monkeypatch.setattr(_pairs.TheirModule, "outputs", fails)
    done = run("--quick", "--only", "d", "--cell", "gru", "--models", tmp_path)
    assert done.exit_code == 1 and f"the models in {tmp_path} fail: IndexError: of the user's" in done.stderr


@pytest.mark.parametrize("content", ["", "import no_such_module\n", "1 / 0\n", b"\xff"])
def test_a_folder_without_models_is_named(content, run, tmp_path):
    (tmp_path / "gru").mkdir()
    (tmp_path / "gru" / "__init__.py").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("--quick", "--only", "d", "--cell", "gru", "--models", tmp_path)
    assert done.exit_code == 2
    assert str(tmp_path) in done.stderr and ("that can be imported" in done.stderr or "cannot be read" in done.stderr)


# -- values first ------------------------------------------------------------------------------------------------------


def swapped(spec):
    spec["W_i"], spec["W_f"] = spec["W_f"], spec["W_i"]


def one_bias(spec):
    spec["b_g"] = spec["b_g"] * 1.001


def transposed(spec):
    k = spec["W_o"].shape[0]
    spec["W_o"] = np.concatenate([spec["W_o"][:, :-k], spec["W_o"][:, -k:].T], axis=1)


@pytest.mark.parametrize("fault", [swapped, one_bias, transposed])
def test_a_wrong_copy_of_the_weights_is_found(fault, run, monkeypatch, tmp_path):
    weights = _pairs.weights

    def wrong(module, layout):
        spec = weights(module, layout)
        fault(spec)
        return spec

    monkeypatch.setattr(_pairs, "weights", wrong)
    done = run("--quick", "--only", "d", "--json", tmp_path / "out.json")
    assert done.exit_code == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "differs by" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out.json").exists()


class Wrong:
    """A model in which one thing is a little off."""

    def __init__(self, model, name):
        self.model, self.name = model, name

    def _off(self, value, name):
        return value * (1 + 1e-9 * (self.name == name))

    def outputs(self):
        return self._off(self.model.outputs(), "outputs")

    def training(self):
        return self._off(self.model.training(), "training")

    def gradients(self):
        return {name: self._off(value, name) for name, value in self.model.gradients().items()}


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("name", PAIRED)
def test_anything_wrong_is_found(name):
    with subjects([their_code(CELLS[name])]) as (subject,):
        both = pair(subject, SMALL, torch.float64)
        verify(both, 1e-12)
        gradients = both.theirs.gradients()
        assert gradients.keys() == {*CELLS[name].system.symbols} and len(both.models) == len(BACKENDS)
        assert all(np.any(gradient) for gradient in gradients.values())
        for title, model in both.models.items():
            for place in ("outputs", "training", *gradients):
                wrong = replace(both, models={**both.models, title: Wrong(model, place)})
                with pytest.raises(Different, match=f"{title}.*differs" if place in gradients else f"of {title}"):
                    verify(wrong, 1e-12)


@every_cell
@every_model
def test_a_model_that_is_timed_computes_the_same(cell, backend, device):
    case = draw(cell)
    zero = {name: np.zeros_like(value) if name != "output" else value for name, value in case.d.items()}
    case, model = replace(case, d=zero), runner(cell, backend, device)
    prepared, expected = model.prepared(case), model.forward(case)["output"]
    for _ in range(2):  # one call leaves nothing for the next
        agree("outputs", prepared.outputs(), expected, 1e-12)
        agree("outputs", prepared.training(), expected, 1e-12)
        same(prepared.gradients(), model.backward(case), 1e-12)


def test_bare_passes_are_timed_alike():
    """A backend that is one file of functions, as others may write it."""
    case, backend = draw(CELLS["LSTM"]), Lists()
    zero = {name: np.zeros_like(value) if name != "output" else value for name, value in case.d.items()}
    case = replace(case, d=zero)
    with imported([case.system], [backend]) as package:
        model = backend.runner(package, "lstm")
        prepared, expected = model.prepared(case), model.forward(case)["output"]
        for _ in range(2):
            agree("outputs", prepared.outputs(), expected, 1e-12)
            agree("outputs", prepared.training(), expected, 1e-12)
            same(prepared.gradients(), model.backward(case), 1e-12)


def test_a_library_has_the_sizes_that_are_asked_for():
    system = CELLS["LSTMP"].system
    assert sizes_of(system, (2, 3, 5, 7)) == {"n": 5, "k": 7, "p": 4}
    module = their_code(CELLS["LSTMP"]).made((2, 3, 5, 7))
    assert (module.input_size, module.hidden_size, module.proj_size) == (5, 7, 4)
    assert their_code(CELLS["QRNN"]) is None


@pytest.mark.parametrize("value", [[1.0, 2.1], [1.0], [[1.0, 2.0]], [1.0, float("nan")]])
def test_agree_finds_what_differs(value):
    with pytest.raises(Different, match="what"):
        agree("what", value, [1.0, 2.0], 1e-3)


def test_agree_accepts_what_agrees():
    agree("what", torch.ones(2, requires_grad=True), [1.0, 1.0 + 1e-13], 1e-12)


# -- arithmetic --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_the_exponent_of_made_up_times(power):
    sizes = (100, 200, 500, 1000)
    times = [0.3 * size**power for size in sizes]
    assert exponent(sizes, times) == pytest.approx(power)


def test_the_exponent_of_noisy_linear_times_is_near_one():
    assert exponent((100, 200, 500, 1000), (11.0, 19.0, 52.0, 98.0)) == pytest.approx(1, abs=0.05)


def test_medians_take_turns():
    calls = []
    found = medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3)
    assert calls == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert list(found) == ["a", "b"]


def test_excess_is_deaf_to_what_disturbs_some():
    assert excess([11.0, 90.0, 11.0, 50.0, 11.0, 11.5], [10.0] * 6) == 1
    assert excess([10.0] * 6, [10.0, 30.0, 10.0, 40.0, 10.0, 50.0]) == 0


@pytest.mark.parametrize("equations", [1, 2, 7, 40])
def test_the_chain_has_as_many_equations_as_it_says(equations):
    cell = chain(equations)
    assert len(cell.system.equations) == equations
    shapes = cell.shapes.require()
    assert {str(shapes.of[name]) for name in cell.equations} == {str(shapes.of["h"])}


def test_a_check_is_timed_and_no_memory_of_one():
    system = chain(7).system
    known = check(system)
    assert check(system) is known
    assert check_anew(system) is not known and check_anew(system) is not check_anew(system)


def test_finding_code_to_time_checks_no_cell():
    """Part a times the first check of every cell."""
    source = (
        "from lstmspec import checker, zoo\nfrom lstmspec.benchmark import subjects, their_codes\n"
        "cells = zoo.cells()\nwith subjects(their_codes(cells)[:1]): pass\n"
        "print(sum(bool(cell.system._known) for cell in cells.values()))"
    )
    done = subprocess.run([sys.executable, "-c", source], text=True, capture_output=True, check=True)
    assert done.stdout == "0\n"


def test_ratios_are_of_the_librarys_own():
    assert [line.ratio for line in _models.beside("row", {"theirs": 2.0, "mine": 3.0})] == [1.0, 1.5]


@pytest.mark.parametrize("disable", [True, False])
def test_turning_checks_off_or_on_is_undone(disable, monkeypatch):
    config = _models.config
    monkeypatch.setattr(config, "jaxtyping_disable", not disable)
    seen = []
    _models.under(disable, lambda: seen.append(bool(config.jaxtyping_disable)))()
    assert seen == [disable]
    assert config.jaxtyping_disable is not disable
    with pytest.raises(ZeroDivisionError):
        _models.under(disable, lambda: 1 / 0)()
    assert config.jaxtyping_disable is not disable


def test_checks_are_on_and_off_by_turns():
    config, seen = _models.config, []
    _models.switched(lambda: seen.append(bool(config.jaxtyping_disable)) or 1.0, 3)
    assert seen == [True, False] + [False, True] * 2 + [True, False, False, True]  # values, a first run, then turns


def test_a_check_that_changes_values_is_found():
    with pytest.raises(Different, match="without checks"):
        _models.switched(lambda: 1.0 + bool(_models.config.jaxtyping_disable), 3)


def test_a_table_has_a_line_for_each_result():
    results = [Timing("a", "one", 1.0), Timing("b", "two", 2.0, 0.5, "of one", True)]
    assert command.table(results).row_count == 2


def test_a_quick_run_claims_nothing():
    assert Plan(True, print).claim(True) is None and Plan(False, print).claim(False) is False
