"""The command line: what it accepts, what it says, and its exit codes 0 (clean), 1 (findings), 2 (could not run)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmspec import __version__, zoo
from lstmspec.cli import main
from lstmspec.cli._list import as_table, row

ROOT = Path(__file__).resolve().parent.parent
HEAD = "from lstmspec import Cell, Input, State, Weight, affine, dims, sigmoid, tanh\n\nn, k = dims('n k')\n\n\n"
GOOD = (
    HEAD
    + '''class Good(Cell):
    """A cell that is well-shaped."""

    x = Input(n)
    h = State(k)
    h.next = tanh(affine(x, h))


class Other(Good):
    h = State(k)
    h.next = sigmoid(affine(Good.x, h))
'''
)
ILL_SHAPED = (
    HEAD
    + """class Bad(Cell):
    x = Input(n)
    h = State(k)
    W = Weight(k, n)
    h.next = tanh(W @ h)
"""
)
ILL_DECLARED = (
    HEAD
    + """class Endless(Cell):
    x = Input(n)
    h = State(k)
"""
)


def call(*arguments):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def run(*arguments, cwd=ROOT, path=ROOT):
    env = {**os.environ, "PYTHONPATH": str(path), "PYTHONWARNINGS": "error"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def files(tmp_path):
    """User's files, good and bad."""
    texts = {
        "good.py": GOOD,
        "shapes.py": ILL_SHAPED,
        "declared.py": ILL_DECLARED,
        "syntax.py": HEAD + "class Broken(Cell:\n    pass\n",
        "raises.py": "raise ValueError('not today')\n",
        "divides.py": HEAD + "class Divides(Cell):\n    x = Input(n)\n    h = State(1 // 0)\n",
        "missing.py": "import surely_no_such_module\n",
        "empty.py": "",
        "borrowed.py": "from lstmspec.zoo.lstm import LSTM\n",
        "binary.py": "\0\0",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def one_error(done, *pieces):
    """Exit 2 with one finding and no traceback: `check` prints findings, other commands stop with them."""
    assert done.exit_code == 2
    checked = done.stdout.rstrip().endswith(": 1 error")
    assert done.stderr == "" if checked else done.stdout == ""
    said = done.stdout if checked else done.stderr
    assert said.count("error[") == 1
    assert "Traceback" not in said
    assert 'File "' not in said
    for piece in pieces:
        assert piece in said


# -- help teaches ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_teaches_by_example(flag):
    done = call(flag)
    assert done.exit_code == 0
    examples = re.findall(r"^ *lstmspec (\w+) (\S+)", done.stdout, re.MULTILINE)
    assert {command for command, _ in examples} >= {"check", "explain", "grad", "generate"}
    for command in ("check", "explain", "grad", "generate", "list"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)
    assert "FILE.py:Class" in done.stdout


@pytest.mark.parametrize("command", ["check", "explain", "grad", "generate", "list"])
def test_help_of_a_command_says_what_a_spec_is(command):
    done = call(command, "--help")
    assert done.exit_code == 0
    text = " ".join(done.stdout.split())
    for piece in ("built-in cell's name", "FILE.py", "FILE.py:Class", "package.module:Class"):
        assert piece in text
    assert text.startswith(f"Usage: main {command}")


def test_help_of_options_has_examples():
    assert "'h is 1'" in call("explain", "--help").stdout
    assert "exit 1" in " ".join(call("generate", "--help").stdout.split())
    assert "[default: generated]" in " ".join(call("generate", "--help").stdout.split())


def test_help_of_list():
    done = call("list", "--help")
    assert done.exit_code == 0
    for piece in (
        "without a SPEC, the built-in ones",
        "lstmspec list --format json",
        "one fused product",
        "a parallel scan",
    ):
        assert piece in done.stdout


def test_version():
    assert __version__ in call("--version").stdout


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("unknown",),
        ("check", "--unknown"),
        ("explain",),
        ("grad",),
        ("explain", "LSTM", "GRU"),
        ("explain", "LSTM", "--assume"),
        ("explain", "LSTM", "--assume", "h=abc"),
        ("explain", "LSTM", "--assume", "h"),
        ("explain", "LSTM", "--assume", "h="),
        ("explain", "LSTM", "--assume", "h=-1"),
        ("explain", "LSTM", "--assume", "h=1.5"),
        ("generate", "LSTM", "--out"),
        ("list", "--format", "csv"),
    ],
)
def test_wrong_usage_exits_2(arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_assumption_that_is_no_number_says_what_is_expected():
    done = call("explain", "LSTM", "--assume", "h=abc")
    assert done.exit_code == 2
    assert "'h=abc'" in done.stderr
    assert "expected 'NAME is SIZE', as in 'h is 1'" in done.stderr


# -- SPEC --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["LSTM", "lstm", "Lstm", "lSTM", "GRUResetBefore", "gruresetbefore"])
def test_a_built_in_cell_in_any_case(spec):
    done = call("check", spec)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("1 cell")


def test_a_file_is_all_its_cells(files):
    done = call("check", files / "good.py")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "2 cells in 1 file: no findings\n"


def test_a_class_of_a_file(files):
    done = call("explain", f"{files / 'good.py'}:Other")
    assert done.exit_code == 0
    assert done.stdout.startswith("Other: dimensions n, k")


def test_a_class_of_a_module():
    done = call("explain", "lstmspec.zoo.gru_reset_before:GRUResetBefore")
    assert done.exit_code == 0
    assert done.stdout.startswith("GRUResetBefore: dimensions n, k")


def test_a_class_of_a_module_in_the_working_folder(files):
    done = run("-m", "lstmspec", "explain", "good:Good", cwd=files)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Good: dimensions n, k")


def test_a_file_imports_its_neighbours(files):
    (files / "neighbour.py").write_text(GOOD)
    (files / "mine.py").write_text(
        "from neighbour import Good\nfrom lstmspec import Output, tanh\n\n\n"
        "class Mine(Good):\n    y = Output(tanh(Good.h.next))\n"
    )
    done = run("-m", "lstmspec", "check", "mine.py:Mine", cwd=files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_several_specs_and_a_repeated_one(files):
    done = call("check", "LSTM", files / "good.py", "lstm", f"{files / 'good.py'}:Good")
    assert done.exit_code == 0
    assert re.match(r"\d+ cells", done.stdout)


def test_without_a_spec_all_built_in_cells():
    done = call("check")
    assert done.exit_code == 0
    assert re.fullmatch(rf"{len(zoo.cells())} cells in \d+ files: no findings\n", done.stdout)


def test_list_has_every_built_in_cell():
    head, *lines = call("list").stdout.splitlines()
    assert head.split() == ["cell", "states", "parameters", "operations", "kernel"]
    assert [line.split()[0] for line in lines] == list(zoo.cells())
    starts = [head.index(word) for word in head.split()]
    assert all(line[start - 2 : start] == "  " != line[start : start + 2] for line in lines for start in starts[1:])


def test_a_row_of_the_list():
    _, row = call("list", "MLSTM").stdout.splitlines()
    assert re.split("  +", row) == [
        "MLSTM",
        "C (d, d), total (d), m ()",
        "2*(2*d + 1)*(n + 1)",
        "size, sqrt, /, dot, log_sigmoid, maximum, exp, outer, minimum, abs",
        "matrix state",
    ]


def test_list_shows_what_a_plain_lstm_does_not_have():
    rows = {row["name"]: row for row in json.loads(call("list", "--format", "json").stdout)}
    assert list(rows) == list(zoo.cells())
    assert rows["LSTM"] == {
        "name": "LSTM",
        "title": "Long short-term memory with a forget gate.",
        "file": "lstmspec/zoo/lstm.py",
        "inputs": {"x": "(n)"},
        "states": {"h": "(k)", "c": "(k)"},
        "parameters": "4*k*(k + n + 1)",
        "operations": [],
        "kernel": {"class": "one fused product", "products": 1, "matrix": False, "linear": False},
    }
    assert rows["PhasedLSTM"]["operations"] == ["mod", "/", "<", "where"]
    assert rows["OriginalLSTM"]["operations"] == []


def test_list_of_the_users_own_cells(files):
    _, *lines = call("list", files / "good.py", "LSTM").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["LSTM", "Good", "Other"]
    one_error(call("list", files / "missing.py"), "LS213")
    done = call("list", files / "shapes.py")
    assert done.exit_code == 1
    assert "LS102" in done.stderr


@pytest.mark.parametrize("width", [30, 60, 80, 200])
def test_list_fits_a_terminal(width):
    rows = [row(cell) for cell in zoo.cells().values()]
    lines = as_table(rows, width).splitlines()
    assert max(map(len, lines)) <= width
    words = " ".join(lines).replace("; ", " ").split()
    for one in rows:
        assert {one.name, *one.operations, one.kernel.name.split()[-1]} <= {word.rstrip(",") for word in words}


# -- what cannot be loaded ---------------------------------------------------------------------------------------------

COMMANDS = [("check",), ("explain",), ("grad",), ("generate", "--check")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_unknown_cell(command):
    one_error(call(*command, "LSTN"), "LS213", "`LSTN`", "LSTM", "FILE.py:Class")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_unknown_file(command, files):
    one_error(call(*command, files / "nowhere.py"), "LS213", "nowhere.py")


def test_a_folder_for_a_file(files):
    (files / "folder.py").mkdir()
    one_error(call("check", files / "folder.py"), "LS213", "folder.py")


def test_an_unknown_class_of_a_file(files):
    one_error(call("check", f"{files / 'good.py'}:Godo"), "LS213", "`Godo`", "Good, Other")


@pytest.mark.parametrize("name", ["affine", "n", "__name__", "os"])
def test_what_is_no_cell_of_a_file(name, files):
    one_error(call("check", f"{files / 'good.py'}:{name}"), "LS213", f"`{name}`")


def test_an_unknown_class_of_a_module():
    one_error(call("check", "lstmspec.zoo.lstm:LSTN"), "LS213", "`LSTN`", "LSTM")


@pytest.mark.parametrize("module", ["surely.no.such", "lstmspec.surely", ".relative", "a..b", ""])
def test_an_unknown_module(module):
    one_error(call("check", f"{module}:Cell"), "LS213")


def test_a_file_without_cells(files):
    one_error(call("check", files / "empty.py"), "LS213", "declares no cell")


def test_a_cell_from_elsewhere_is_not_the_files_own(files):
    one_error(call("check", files / "borrowed.py"), "LS213", "declares no cell")
    assert call("check", f"{files / 'borrowed.py'}:LSTM").exit_code == 0


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("syntax.py", ("SyntaxError: ", "syntax.py:6:18", "^")),
        ("raises.py", ("ValueError", "not today")),
        ("divides.py", ("ZeroDivisionError",)),
        ("missing.py", ("ModuleNotFoundError", "surely_no_such_module")),
        ("binary.py", ()),
    ],
)
def test_a_file_that_cannot_be_imported(name, pieces, files):
    one_error(call("check", files / name), "LS213", name, *pieces)


# -- findings ----------------------------------------------------------------------------------------------------------


def test_check_prints_findings_and_exits_1(files):
    done = call("check", files / "shapes.py")
    assert done.exit_code == 1
    assert "error[LS102]" in done.stdout
    assert "shapes.py:10:" in done.stdout
    assert done.stdout.endswith("\n1 cell in 1 file: 1 error\n")


@pytest.mark.parametrize("command", [("explain",), ("grad",), ("generate",)], ids=lambda command: command[0])
def test_an_ill_shaped_cell_stops_the_other_commands(command, files):
    out = ("--out", files / "out") if command == ("generate",) else ()
    done = call(*command, files / "shapes.py", *out)
    assert done.exit_code == 1
    assert "error[LS102]" in done.stderr
    assert not (files / "out").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_cell_that_cannot_be_declared_is_a_finding(command, files):
    done = call(*command, files / "declared.py")
    assert done.exit_code == 1
    assert "error[LS201]" in done.output
    assert "Traceback" not in done.output


# -- explain and grad --------------------------------------------------------------------------------------------------


def test_explain_says_why():
    done = call("explain", "LSTM")
    assert done.exit_code == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines()[1:] if line}
    assert "(k, n+k)" in lines["W_f"]
    assert "`f * c`" in lines["W_f"]
    assert "declared so" in lines["h"]


def test_the_learners_question():
    done = call("explain", "LSTM", "--assume", "h=1")
    assert done.exit_code == 0
    answer = done.stdout.split("assume ")[-1]
    assert "forces k = 1" in answer
    assert re.search(r"^  free: n$", answer, re.MULTILINE)
    assert "W_f : (k, n+k) → (1, n+1)" in answer


@pytest.mark.parametrize(("assumption", "piece"), [("q=1", "LS207"), ("W_f=1", "LS106")])
def test_an_assumption_that_cannot_be_made_is_a_finding(assumption, piece):
    done = call("explain", "LSTM", "--assume", assumption)
    assert done.exit_code == 1
    assert piece in done.stderr


@pytest.mark.parametrize("flags", [(), ("--twice",)])
def test_grad_prints_an_equation_a_line(flags):
    done = call("grad", "LSTM", *flags)
    assert done.exit_code == 0
    legend, _, equations = done.stdout.partition("\n\n")
    assert all(line.startswith("# ") for line in legend.splitlines())
    for line in equations.splitlines():
        assert re.match(r"d[LM]/d\S+ = ", line), line
        assert line.endswith(")"), line
    if not flags:
        assert any(re.match(r"dL/dc.next = .* \(k\)$", line) for line in done.stdout.splitlines())


# -- ways to start it --------------------------------------------------------------------------------------------------


def test_python_m():
    done = run("-m", "lstmspec", "check", "LSTM")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 cell")
    assert done.stderr == ""


def test_python_m_exits_like_the_command(files):
    assert run("-m", "lstmspec", "check", files / "shapes.py").returncode == 1
    assert run("-m", "lstmspec", "check", "nothing").returncode == 2


def test_the_script_teaches_too():
    done = run(ROOT / "scripts" / "generate.py", "--help")
    assert done.returncode == 0
    assert "--check" in done.stdout


def test_checking_does_not_import_torch():
    code = (
        "import sys; from click.testing import CliRunner; from lstmspec.cli import main; "
        "CliRunner().invoke(main, ['generate', 'LSTM', '--check']); print('torch' in sys.modules)"
    )
    assert run("-c", code).stdout.strip() == "False"


def test_output_is_the_same_under_every_hash_seed():
    outputs = set()
    for seed in ("1", "2", "3"):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "lstmspec", "explain", "Peephole"]
        outputs.add(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert len(outputs) == 1
