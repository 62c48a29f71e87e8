"""Every kind of bad input is a finding with a place where there is one, exit 1 or 2, and never a traceback."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lstmspec.cli import main
from lstmspec.loading import _cell_findings
from lstmspec.loading._sources import LONGEST

ROOT = Path(__file__).resolve().parent.parent
HEAD = "from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh\n\nn, k = dims('n k')\n"
CELL = """

class {}(Cell):
    x = Input(n)
    h = State(k)
    h.next = tanh(affine(x, h))
"""
GOOD = HEAD + CELL.format("Good")


def check(*arguments):
    """Run `check` in this process; whatever it does, it ends by itself and shows no traceback."""
    done = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one(done, code=2, *, cells=0, files=1):
    """The single finding's text."""
    assert done.exit_code == code, done.output
    finding, _, summary = done.stdout.rstrip("\n").rpartition("\n\n")
    assert summary == f"{cells} cell{'s' * (cells != 1)} in {files} file{'s' * (files != 1)}: 1 error"
    return finding


# -- files that are no specification -----------------------------------------------------------------------------------

PRINTED = "error[LS213]: `it.py` "
IMPORT = PRINTED + "cannot be imported: "
CASES = {
    "empty": (b"", PRINTED + "declares no cell\n --> it.py:1\n"),
    "a comment": (b"# nothing\n", PRINTED + "declares no cell\n --> it.py:1\n"),
    "no cell": (b"import lstmspec\nx = 1\n", PRINTED + "declares no cell\n --> it.py:1\n"),
    "binary": (b"\x7fELF\0\0\0\1", PRINTED + "is no Python source: it has null bytes\n --> it.py:1"),
    "not UTF-8": (b"\nx = '\xff\xfe'\n", PRINTED + "is no text in utf-8: invalid start byte, byte 0xff\n --> it"),
    "a comment not in UTF-8": (b"# \xe9\nx = 1\n", PRINTED + "is no text in utf-8: invalid continuation byte"),
    "not as declared": (b"# coding: ascii\n\n# \xc3\xa9\n", PRINTED + "is no text in ascii: ordinal not in range(128)"),
    "another encoding": (b"# coding: nonsense\n", IMPORT + "SyntaxError: "),
    "UTF-16": ("import lstmspec".encode("utf-16"), PRINTED + "is no Python source: it has null bytes"),
    "large": (b"#" * (LONGEST + 1), PRINTED + "has 1,000,001 bytes; a specification has at most 1,000,000\n --> it"),
    "ten megabytes": (b"x = 1\n" * 2_000_000, PRINTED + "has 12,000,000 bytes; a specification has at most 1,000,000"),
    "syntax": (b"x = 1\nclass X(Cell:\n", " --> it.py:2:13\n  |\n2 | class X(Cell:\n  |             ^"),
    "indentation": (b"x = 1\n  y = 2\n", IMPORT + "IndentationError: unexpected indent\n --> it.py:2:"),
    "an open bracket": (b"x = (1,\n", IMPORT + "SyntaxError: '(' was never closed\n --> it.py:1:5"),
    "a character": ("a = 1\nß€ = 2\n".encode(), " --> it.py:2:2\n  |\n2 | ß€ = 2\n  |  ^"),
    "nested deeply": (b"x = " + b"(" * 3000 + b")" * 3000, IMPORT),
    "a long sum": (b"x = " + b"1 + " * 100_000 + b"1", IMPORT),
    "many signs": (b"x = " + b"-" * 100_000 + b"1", IMPORT),
    "raises": (b"x = 1\nraise ValueError('not today')\n", IMPORT + "ValueError: not today\n --> it.py:2:1"),
    "divides": (b"x = 1\ny = x / 0\n", IMPORT + "ZeroDivisionError: division by zero\n --> it.py:2:5"),
    "no module": (b"import no_such\n", IMPORT + "ModuleNotFoundError: No module named 'no_such'\n --> it.py:1:1"),
    "no name": (b"from lstmspec import Sell\n", IMPORT + "ImportError: cannot import name 'Sell' from 'lstmspec'"),
    "unknown name": (b"y = 1 + unknown\n", IMPORT + "NameError: name 'unknown' is not defined"),
    "a colour": (b"raise ValueError('\\x1b[31mred\\nsecond')\n", "ValueError: \\x1b[31mred\n --> it.py:1:1"),
    "two lines": (b"raise ValueError('first\\nsecond')\n", "  = second"),
    "a long message": (b"raise ValueError('x' * 10**6)\n", "x …\n --> it.py:1:1"),
    "a surrogate": (b"raise ValueError(chr(0xdc80))\n", "ValueError: \\udc80"),
    "no message": (b"class E(Exception):\n    __str__ = None\nraise E\n", IMPORT),
    "exits": (b"import sys\nsys.exit(3)\n", IMPORT + "SystemExit: 3\n --> it.py:2:1"),
    "exits with success": (b"import sys\nsys.exit()\n", IMPORT + "SystemExit"),
    "interrupts": (b"raise KeyboardInterrupt\n", IMPORT + "KeyboardInterrupt\n --> it.py:1:1"),
    "recursion": (b"def f(): return f()\nf()\n", "RecursionError: maximum recursion depth exceeded\n --> it.py:1:17"),
    "memory": (b"x = 1\ny = 'a' * 10**18\n", IMPORT + "MemoryError\n --> it.py:2:5"),
    "asks": (b"x = input('name? ')\n", IMPORT + "EOFError: EOF when reading a line\n --> it.py:1:5"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_file_that_is_no_specification(kind, folder):
    source, expected = CASES[kind]
    (folder / "it.py").write_bytes(source)
    finding = one(check("it.py"))
    assert finding.startswith("error[LS213]: `it.py` ")
    assert expected in finding + "\n"
    assert all(len(line) < 600 for line in finding.splitlines())


def test_a_long_line_that_does_not_parse_is_not_shown(folder):
    (folder / "it.py").write_text(f"x = 'a' 'b' {'y ' * 1000}\n")
    assert one(check("it.py")).splitlines()[1:] == [" --> it.py:1:13"]


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    pass\n",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n",
        "def f():\n    try:\n        while True: pass\n    except:\n        f()\n\n\nf()\n",
    ],
    ids=["loops", "swallows what stops it", "begins anew"],
)
def test_a_file_that_never_ends(body, folder):
    (folder / "it.py").write_text(f"x = 1\n{body}")
    start = time.monotonic()
    finding = one(check("it.py", "--timeout", "0.2"))
    assert time.monotonic() - start < 5
    assert "`it.py` did not finish importing in 0.2 s\n --> it.py:" in finding
    assert "this is where it stood" in finding


def test_a_file_that_comes_through_once_and_then_never_ends_ends_the_command(folder):
    """In a child it came through; in this process there is no way on from it, so what is said is said at once."""
    again = "import os, time\nif os.path.exists('again'):\n    while True:\n        try:\n            time.sleep(9)\n"
    (folder / "it.py").write_text(f"{again}        except BaseException: pass\nopen('again', 'w').close()\n{GOOD}")
    (folder / "pyproject.toml").write_text("[tool.lstmspec]\ntimeout = 0.5\n")
    command = [sys.executable, "-m", "lstmspec", "explain", "it.py"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error[LS213]: a file did not finish in 0.5 s, nor let itself be stopped\n"


def test_a_file_that_sleeps_in_a_function_of_a_library(folder):
    (folder / "it.py").write_text("import time\ntime.sleep(60)\n")
    assert " --> it.py:2:1" in one(check("it.py", "--timeout", "0.1"))


def test_the_time_that_a_file_may_take_can_be_set_for_a_project(folder):
    (folder / "it.py").write_text("while True:\n    pass\n")
    (folder / "pyproject.toml").write_text("[tool.lstmspec]\ntimeout = 0.1\n")
    assert "in 0.1 s" in one(check("it.py"))


def test_a_slow_file_within_its_time_is_checked(folder):
    (folder / "it.py").write_text(f"import time\ntime.sleep(0.2)\n{GOOD}")
    assert check("it.py", "--timeout", "5").exit_code == 0


def test_an_interruption_by_the_user_is_one(folder):
    """Ctrl-C while a file runs ends the command; it is not taken for that file's own exception."""
    ready = folder / "ready"
    (folder / "it.py").write_text(f"open({str(ready)!r}, 'w').close()\nwhile True:\n    pass\n")
    command = [sys.executable, "-m", "lstmspec", "check", "it.py"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (stdout, stderr.strip()) == ("", "Aborted!")


# -- files that do odd things ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "list"])
def test_what_a_file_prints_is_not_among_the_findings(command, folder, capfd):
    """It is run in a child, and by `list` in this process too."""
    (folder / "it.py").write_text(f"print('hello')\nimport sys\nsys.stdout.write('again')\n{GOOD}")
    done = CliRunner().invoke(main, [command, "it.py", "--format", "json"])
    assert json.loads(done.stdout)
    assert "hello" in capfd.readouterr().err


def test_what_its_children_print_is_not_among_the_findings_either(folder):
    (folder / "it.py").write_text(f"import os\nos.system('echo child')\nos.write(1, b'raw')\n{GOOD}")
    command = [sys.executable, "-m", "lstmspec", "check", "it.py", "--format", "json"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["summary"]["cells"] == 1
    assert "child\n" in done.stderr
    assert "raw" in done.stderr


@pytest.mark.parametrize("spec", ["it.py", "it.py:Good"])
def test_a_module_whose_contents_raise_when_they_are_looked_at(spec, folder):
    lazy = "\n\nclass L:\n    @property\n    def __class__(self):\n        raise ValueError('not yet')\n\n\nit = L()\n"
    (folder / "it.py").write_text(GOOD + lazy)
    assert "ValueError: not yet\n  --> it.py:15:9\n" in one(check(spec))


def test_a_terminal_gets_colours_and_a_progress_bar(folder):
    """On a real terminal, of which there are two ends here."""
    for number in range(25):
        (folder / f"f{number}.py").write_text(GOOD if number else f"{GOOD}\nraise ValueError('not today')\n")
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "lstmspec", "check", "."]
    with subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        # The other end being closed is an error on Linux, and the end of the file elsewhere.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    assert process.returncode == 2
    assert "checking" in shown.decode()
    assert click.style("error[LS213]", fg="red", bold=True) in shown.decode()


def test_a_file_cannot_change_where_others_are_looked_for(folder):
    (folder / "a.py").write_text(f"import os, sys\nos.chdir('/')\nsys.path.clear()\n{GOOD}")
    (folder / "b.py").write_text(GOOD)
    done = check("a.py", "b.py", "c.py")
    assert "there is no file `c.py`" in done.stdout
    assert done.stdout.endswith("2 cells in 2 files: 1 error\n")
    assert Path.cwd() == folder


def test_two_cells_of_one_name(folder):
    (folder / "it.py").write_text(GOOD + CELL.format("Other") + CELL.format("Good"))
    finding = one(check("it.py"), 1, cells=2)
    assert finding.startswith(
        "error[LS206]: cell `Good` is declared twice; only the second one is left\n  --> it.py:18:1"
    )
    assert "18 | class Good(Cell):\n   | ^^^^^^^^^^\n" in finding
    assert "the first one stands in line 6" in finding


def test_two_classes_of_one_name_that_are_no_cells_are_nobodys_business(folder):
    (folder / "it.py").write_text(f"{GOOD}\n\nclass Helper:\n    pass\n\n\nclass Helper:\n    pass\n")
    assert check("it.py").exit_code == 0


def test_names_beyond_ascii(folder):
    (folder / "größe é.py").write_text(HEAD + CELL.format("Größe").replace("h", "λ").replace("tanλ", "tanh"))
    done = check("größe é.py")
    assert done.exit_code == 1
    assert done.stdout.count("error[LS202]") >= 2
    assert " --> größe é.py:8:9\n  |\n8 |     λ = State(k)\n  |         ^^^^^^^^" in done.stdout


def test_a_name_that_is_no_text(folder):
    path = os.fsdecode(b"bad\xff.py")
    Path(path).write_text("x = (\n")
    for kind in ("text", "json", "github", "sarif"):
        done = check(path, "--format", kind)
        assert done.exit_code == 2
        assert {"sarif": "bad%FF.py", "json": "bad\\\\udcff.py"}.get(kind, "bad\\udcff.py") in done.stdout


def test_a_cell_that_the_checker_cannot_cope_with_hides_no_other(folder, monkeypatch):
    (folder / "it.py").write_text(GOOD + CELL.format("Other"))
    honest = _cell_findings.check

    def faulty(cell):
        if cell.__name__ == "Good":
            raise IndexError("list index out of range")
        return honest(cell)

    monkeypatch.setattr(_cell_findings, "check", faulty)
    finding = one(check("it.py"), cells=2)
    assert "`Good` cannot be checked: IndexError: list index out of range\n --> it.py:7:9" in finding
    assert "please report it" in finding


def test_a_deep_expression_is_checked(folder):
    body = "\n\nclass Deep(Cell):\n    x = Input(n)\n    h = State(k)\n    s = affine(x, h)\n"
    deep = "".join(f"    e{i} = tanh(" + "s + " * 200 + f"{'s' if not i else f'e{i - 1}'})\n" for i in range(5))
    (folder / "it.py").write_text(HEAD + body + deep + "    h.next = e4\n")
    assert check("it.py").exit_code == 0


def test_an_expression_too_deep_is_a_finding(folder, monkeypatch):
    (folder / "it.py").write_text(GOOD)

    def endless(cell):
        return endless(cell)

    monkeypatch.setattr(_cell_findings, "check", endless)
    finding = one(check("it.py"), cells=1)
    assert finding.startswith(
        "error[LS213]: `Good` cannot be checked: RecursionError: maximum recursion depth exceeded"
    )
    assert "  = help: split the equation into several" in finding


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("LTSM", "did you mean LSTM? built in are "),
        ("", "an empty SPEC names nothing"),
        ("goood.py", "there is no file `goood.py`\n  = help: did you mean good.py?"),
        ("no/such/folder", "there is no file `no/such/folder`"),
        (
            "good.py:Goood",
            "`good.py` has no cell `Goood`\n --> good.py:1\n  = help: did you mean Good? its cells: Good",
        ),
        ("good.py:", "`good.py:` names no class"),
        ("notes.txt", "`notes.txt` is no Python file: its name does not end in .py"),
        ("no.such.module", "`no.such.module` is no built-in cell, file, folder or module"),
        ("no.such:Cell", "`no.such:Cell` is no built-in cell, file, folder or module"),
        ("x" * 5000, "is no built-in cell"),
        ("a\nb\x1b[31m", "`a\\nb\\x1b[31m` is no built-in cell"),
        (":::", "`:::` names no class"),
        ("/dev/null", "there is no file `/dev/null`"),
    ],
)
def test_a_spec_that_names_nothing(spec, expected, folder):
    (folder / "good.py").write_text(GOOD)
    (folder / "notes.txt").write_text("notes")
    assert expected in one(check(spec), files=1 if "Goood" in spec else 0)


def test_a_folder_without_a_cell(folder):
    (folder / "inner").mkdir()
    (folder / "inner" / "a.py").write_text("x = 1\n")
    assert one(check("."), files=0).startswith("error[LS213]: no file below `.` declares a cell\n")


def test_a_folder_that_may_not_be_read_hides_no_other(folder, monkeypatch):
    """Root may read everything, so the refusal is made here."""
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "it.py").write_text(GOOD)
    honest = os.scandir

    def scandir(path="."):
        if os.path.basename(path) == "a":
            raise PermissionError(13, "Permission denied", path)
        return honest(path)

    monkeypatch.setattr(os, "scandir", scandir)
    finding = one(check("."), cells=1)
    assert finding == "error[LS213]: `a` cannot be read: Permission denied\n --> a:1"


@pytest.mark.parametrize("named", ["a.py", "."])
def test_a_file_that_may_not_be_read_hides_no_other(named, folder, monkeypatch):
    for name in ("a.py", "b.py"):
        (folder / name).write_text(GOOD)
    honest = Path.read_bytes

    def read_bytes(path):
        if path.name == "a.py":
            raise PermissionError(13, "Permission denied", str(path))
        return honest(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    finding = one(check(named, "b.py"), cells=1, files=2)
    assert finding == "error[LS213]: `a.py` cannot be read: Permission denied\n --> a.py:1"


def test_links_that_lead_nowhere_or_back(folder):
    (folder / "good.py").write_text(GOOD)
    (folder / "inner").mkdir()
    (folder / "inner" / "back").symlink_to(folder)
    (folder / "dangling.py").symlink_to(folder / "nothing.py")
    finding = one(check("."), cells=1, files=2)
    assert finding.startswith("error[LS213]: `dangling.py` cannot be read: No such file or directory")


def test_one_broken_file_does_not_hide_the_others(folder):
    (folder / "a.py").write_text("import lstmspec\nx = (\n")
    (folder / "b.py").write_text(
        HEAD.replace("affine", "Weight") + CELL.format("B").replace("affine(x, h)", "Weight(k, n) @ h")
    )
    (folder / "c.py").write_text(GOOD)
    (folder / "d.py").write_text(GOOD + "\nimport no_such\n")
    done = check(".")
    assert done.exit_code == 2
    for piece in (" --> a.py:2:5", " --> b.py:", "  --> d.py:11:1", "1 cell in 4 files: "):
        assert piece in done.stdout
    assert done.stdout.count("error[") == int(done.stdout.split(": ")[-1].split()[0]) >= 3


def test_a_broken_neighbour_is_reported_once(folder):
    (folder / "base.py").write_text(GOOD + "\nraise ValueError('base')\n")
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text(f"from base import Good\n\n\nclass {name.upper()}(Good):\n    pass\n")
    finding = one(check("."), files=3)
    assert finding.startswith("error[LS213]: `base.py` cannot be imported: ValueError: base\n  --> base.py:11:1")


def test_the_real_command_on_many_bad_files(folder):
    for number, (source, _) in enumerate(CASES.values()):
        (folder / f"f{number}.py").write_bytes(source)
    command = [sys.executable, "-m", "lstmspec", "check", *sorted(path.name for path in folder.iterdir())]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 2
    assert done.stdout.count("error[LS213]") == len(CASES)
    assert done.stdout.endswith(f"\n0 cells in {len(CASES)} files: {len(CASES)} errors\n")
    assert "Traceback" not in done.stdout + done.stderr
