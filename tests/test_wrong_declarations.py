"""A class that cannot be declared ends neither its file nor the run: each has its findings, and the rest is checked."""

import json

import pytest
from click.testing import CliRunner

from lstmspec import SpecError
from lstmspec.cli import main
from lstmspec.loading import load

HEAD = "from __future__ import annotations\n\nfrom lstmspec import Cell, Input, State, Weight, affine, dims, tanh\n\n"
DIMS = "n, k = dims('n k')\n"
ENDLESS = "\n\nclass Endless(Cell):\n    x = Input(n)\n    h = State(k)\n"
WRONG = "\n\nclass Wrong(Cell):\n    x = Input(n, n, n)\n    h = State(k)\n    h.next = tanh(affine(x, h))\n"
UNKNOWN = "\n\nclass Unknown(Cell):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(affine(x, hh))\n"
GOOD = "\n\nclass Good(Cell):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(affine(x, h))\n"
ILL = "\n\nclass Ill(Cell):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(x + h)\n"


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def check(*specs, **texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(HEAD + DIMS + text)
        done = CliRunner().invoke(main, ["check", *(specs or ["it.py"])])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return check


def test_three_wrong_cells_and_a_good_one_have_the_findings_of_all(check):
    done = check(it=ENDLESS + WRONG + GOOD + UNKNOWN + ILL)
    assert done.exit_code == 1
    for piece in (
        "error[LS201]: state `h` has no next value",
        "error[LS205]: Input with 3 dimensions",
        "error[LS207]: `hh` is not defined",
        "error[LS110]: operands do not agree in equation `h.next`",
        "  --> it.py:14:9",
    ):
        assert done.stdout.count(piece) == 1, piece
    assert done.stdout.endswith("2 cells in 1 file: 4 errors\n"), "Good and Ill are cells; the others are none"


@pytest.mark.parametrize(
    ("use", "line"),
    [
        ("\n\nclass Variant(Endless):\n    pass\n", 13),
        ("\n\nclass Mine(Cell):\n    h = State(k)\n    h.next = tanh(Endless.x + h)\n", 15),
    ],
)
def test_what_uses_one_is_told_so(use, line, check):
    done = check(it=ENDLESS + use + GOOD)
    assert done.exit_code == 1
    assert f"error[LS207]: `Endless` cannot be used: it could not be declared\n  --> it.py:{line}:" in done.stdout
    assert "  = help: mend `Endless` first" in done.stdout
    assert done.stdout.endswith("1 cell in 1 file: 2 errors\n")


def test_what_fails_outside_a_class_ends_the_file_and_hides_no_finding(check):
    done = check(it=ENDLESS + GOOD + "\n\nraise ValueError('not today')\n")
    assert done.exit_code == 2
    assert "error[LS201]" in done.stdout and "ValueError: not today" in done.stdout
    assert done.stdout.endswith("0 cells in 1 file: 2 errors\n")


def test_what_a_neighbour_finds_is_told_once(check):
    done = check(".", base=ENDLESS + WRONG + GOOD, mine="from base import Good\n\n\nclass Mine(Good):\n    pass\n")
    assert done.exit_code == 1
    assert done.stdout.count("error[LS201]") == done.stdout.count("error[LS205]") == 1
    assert "\n1 cell in 2 files: 2 errors" in done.stdout


def test_all_are_refused_where_the_cells_are_needed(check, tmp_path):
    check(it=ENDLESS + GOOD + UNKNOWN)
    with pytest.raises(SpecError) as error:
        load(["it.py"])
    assert [found.code.name for found in error.value.diagnostics] == ["LS201", "LS207"]
    for spec, code in (("it.py:Endless", 1), ("it.py:Nothing", 2)):
        done = CliRunner().invoke(main, ["explain", spec])
        assert (done.exit_code, "error[LS201]" in done.stderr) == (code, True)
        assert ("has no cell" in done.stderr) is (code == 2)


RAISING = (
    "\n\nclass Raising(Cell):\n    x, h = Input(n), State(k)\n    words = f'{h:.2f}'\n    h.next = tanh(affine(x, h))\n"
)
EMITTING = "\n\nclass Emitting(Cell):\n    x, h = Input(n), State(k)\n    h.next = tanh(affine(x, h))\n    y = {}\n"


def test_an_error_of_python_in_a_class_ends_that_alone(check):
    done = check(it=RAISING + ILL + GOOD)
    assert done.exit_code == 2 and done.stdout.endswith("2 cells in 1 file: 2 errors\n")
    assert "error[LS213]: `Raising` cannot be declared: TypeError: unsupported format string" in done.stdout
    assert "  --> it.py:10:13\n" in done.stdout and "error[LS110]" in done.stdout


def test_a_lambda_that_does_not_see_the_body_is_told_so(check):
    text = "\n\nclass Inner(Cell):\n    x, h = Input(n), State(k)\n    h.next = (lambda u: tanh(u + h))(affine(x, h))\n"
    done = check(it=text + GOOD)
    assert "error[LS213]: `Inner` cannot be declared: NameError: name 'h' is not defined" in done.stdout
    assert "help: a lambda or a comprehension does not see the names of a class body" in done.stdout


@pytest.mark.parametrize("text", ["2 * Output(h)", "Output(Output(h))", "tanh(Output(h))", "[Output(h)]"])
def test_an_output_is_no_part_of_an_expression(text, check):
    done = check(it="from lstmspec import Output\n" + EMITTING.format(text) + GOOD)
    assert done.exit_code == 1 and "error[LS208]" in done.stdout and "it.py:" in done.stdout
    assert done.stdout.endswith("1 cell in 1 file: 1 error\n")


@pytest.mark.parametrize("command", [["explain", "it.py"], ["grad", "it.py"], ["list", "it.py"]])
def test_commands_speak_of_all_cells_that_are_right(command, check):
    check(it=ENDLESS + ILL + GOOD)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1 and "error[LS201]" in done.stderr and "error[LS110]" in done.stderr
    assert "W_h" in done.stdout if command[0] != "list" else "Good" in done.stdout


@pytest.mark.parametrize("kind", ["text", "json", "github", "sarif"])
def test_a_proof_of_all_cells_that_are_right(kind, check):
    check(it=ENDLESS + ILL + GOOD)
    done = CliRunner().invoke(main, ["verify", "it.py", "--quick", "--format", kind])
    assert done.exit_code == 1 and "LS201" in done.stdout and "LS110" in done.stdout
    assert kind not in ("text", "json") or "Good" in done.stdout
    if kind in ("json", "sarif"):
        json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["json", "sarif"])
def test_a_file_that_cannot_be_loaded_is_a_finding_in_every_format(kind, check):
    check(it="raise ValueError")
    done = CliRunner().invoke(main, ["verify", "it.py", "--quick", "--format", kind])
    assert done.exit_code == 2 and "LS213" in done.stdout and json.loads(done.stdout)
    done = CliRunner().invoke(main, ["verify", "it.py", "--quick", "--ignore", "LS213"])
    assert done.exit_code == 0 and "0 cells in 1 file: no findings" in done.stdout


def test_a_cell_that_is_right_may_be_named_beside_wrong_ones(check):
    check(it=ENDLESS + RAISING + GOOD)
    for words in (["check", "it.py:Good"], ["explain", "it.py:Good"], ["generate", "it.py:Good"]):
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output


def test_a_size_may_be_that_of_another_cell(check):
    check(it=GOOD + "\n\nd, = dims('d')\n\n\nclass Other(Cell):\n    h = State(d)\n    h.next = tanh(h)\n")
    done = CliRunner().invoke(main, ["explain", "it.py", "--set", "n=3", "d=5"])
    assert done.exit_code == 0 and "Good: n = 3; dimension k is free" in done.stdout
    done = CliRunner().invoke(main, ["explain", "it.py", "--set", "q=3"])
    assert done.exit_code == 2 and "`q` is no dimension of these cells; they have n, k, d" in done.output


def test_a_plain_import_raises_as_ever(tmp_path, monkeypatch):
    (tmp_path / "wrong_declarations_here.py").write_text(HEAD + DIMS + ENDLESS + GOOD)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SpecError, match="LS201"):
        __import__("wrong_declarations_here")


def test_two_variants_say_a_finding_of_their_base_once(check):
    """The same finding is one: in two cells, from two files, or twice in one file."""
    done = check(".", base=ILL, a="from base import Ill\n\n\nclass A(Ill):\n    pass\n", b="from base import Ill\n\n\n"
                 "class B(Ill):\n    pass\n")  # fmt: skip
    assert done.stdout.count("error[LS110]") == 1
    assert done.stdout.endswith("3 cells in 3 files: 1 error\n")
