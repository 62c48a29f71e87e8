"""`lstmspec verify`: its table, formats and exit codes, and what it refuses."""

import json

import pytest
from click.testing import CliRunner
from helpers import CELLS, runners

from lstmspec.cli import main
from lstmspec.emit import BACKENDS
from lstmspec.render import FORMATS

HEAD = "from lstmspec import Cell, Input, State, Weight, affine, dims, sqrt, allow, tanh\n\nn, k = dims('n k')\n"
CELL = "\n\nclass {}(Cell):\n    x, h, W = Input(n), State(k), Weight(k, {})\n    h.next = tanh(W @ h + affine(x))\n"
RANGED = """

class Ranged(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(allow(sqrt(x - 10), LS307="x is above 10"), h))
"""


@pytest.fixture
def cells(tmp_path, monkeypatch):
    """A folder to be in, with a file of two good cells, one of an ill-shaped cell, and one that needs a range."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(HEAD + CELL.format("Good", "k") + CELL.format("Also", "k"))
    (tmp_path / "ill.py").write_text(HEAD + CELL.format("Ill", "n"))
    (tmp_path / "ranged.py").write_text(HEAD + RANGED)
    return tmp_path


def titles():
    """Those of all models on this machine: its devices have one each."""
    return list(runners(CELLS["LSTM"]))


def run(*arguments):
    return CliRunner().invoke(main, ["verify", *arguments])


def test_a_proof_is_a_table_of_models(cells):
    done = run("good.py", "--quick")
    head, *rows = done.stdout.split("\n\n")[0].splitlines()
    assert done.exit_code == 0, done.output
    assert head.split()[:3] == ["cell", "model", "outputs"]
    others = [title.split()[0] for title in titles()[1:]]
    assert [row.split()[0] for row in rows] == ["Good", *others, "Also", *others]
    assert "FAILS" not in done.stdout and "no findings" in done.stdout


def test_a_cell_of_a_file_and_a_backend(cells):
    done = run("good.py:Also", "--quick", "--backend", BACKENDS[0].name)
    assert done.exit_code == 0 and "Good" not in done.stdout and BACKENDS[1].title not in done.stdout


def test_what_cannot_be_proved_is_a_finding_and_a_range_helps(cells):
    done = run("ranged.py", "--quick")
    assert done.exit_code == 1 and "LS502" in done.stdout and "--range x=LOW:HIGH" in done.stdout
    assert run("ranged.py", "--quick", "--ignore", "LS502").exit_code == 0
    assert run("ranged.py", "--quick", "--range", "x=11:12").exit_code == 0


def test_an_ill_shaped_cell_has_its_findings(cells):
    done = run("ill.py", "--quick")
    assert done.exit_code in (1, 2) and "LS10" in done.output and "Traceback" not in done.output


@pytest.mark.parametrize("kind", sorted({*FORMATS} - {"text"}))
def test_formats_are_for_programs(cells, kind):
    done = run("ranged.py", "--quick", "--format", kind)
    assert done.exit_code == 1 and "LS502" in done.stdout
    if kind == "json":
        assert json.loads(done.stdout)["proofs"] == []


def test_json_has_the_differences(cells):
    done = run("good.py:Good", "--quick", "--format", "json")
    rows = json.loads(done.stdout)["proofs"]
    assert [row["model"] for row in rows] == titles()
    for row in rows:
        assert row["cell"] == "Good" and row["checks"]["backward"]["difference"] < 1e-12
        planted = row["faults"]["planted"]
        assert row["faults"]["seen"] + row["faults"]["without_effect"] == planted
        assert (planted > 0) == (row["model"] in {backend.title for backend in BACKENDS})  # on the CPU alone


@pytest.mark.parametrize("value", ["x", "x=1", "x=a:b", "x=2:1", "x=0:inf", "x=nan:1", "=0:1", "x=0:1:2"])
def test_a_range_that_is_none_is_refused(cells, value):
    done = run("good.py", "--range", value)
    assert done.exit_code == 2 and "is no range" in done.output


@pytest.mark.parametrize(
    ("values", "message"),
    [(["x=-1e308:1e308"], "is no range"), (["x=1:2", "x=2:3"], "there are two ranges for `x`")],
)
def test_ranges_that_cannot_be_drawn_from_are_refused(cells, values, message):
    done = run("good.py", *(word for value in values for word in ("--range", value)))
    assert done.exit_code == 2 and message in done.output


def test_a_range_of_nothing_is_refused(cells):
    done = run("good.py", "--quick", "--range", "y=0:1")
    assert done.exit_code == 2 and "`y` is no parameter, input or state" in done.output


def test_what_does_not_exist_is_refused(cells):
    assert run("none.py").exit_code == 2
    assert run("good.py", "--backend", "none").exit_code == 2
