"""Where output goes and how runs end early: encodings, readers who go away, Ctrl-C, names that are no text."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstmspec.interruption import _is_command

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "lstmspec"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
ILL = """from lstmspec import Cell, Input, State, dims, tanh

n, k = dims("n k")


class Größe(Cell):
    x = Input(n)
    h = State(k)
    h.next = tanh(x + h)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (b"\xff.py", "größe.py".encode(), "\U0001f600.py".encode()):
        Path(os.fsdecode(name)).write_text(ILL, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii", "cp1252"])
@pytest.mark.parametrize("kind", ["json", "sarif", "github"])
def test_what_programs_read_is_utf8_whatever_the_stream_is(kind, encoding, folder):
    env = {**ENV, "PYTHONIOENCODING": encoding}
    command = [*COMMAND, "check", ".", "--format", kind]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    text = done.stdout.decode("utf-8")
    assert "Größe" in text and done.returncode == 1
    if kind != "github":
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # raises for half a character
        assert "\\udc" in text or "%FF.py" in text


def test_a_list_for_programs_is_json_in_any_encoding(folder):
    Path("größe.py").write_text(
        ILL.replace("x + h", "affine(x, h)").replace("import", "import affine,").replace("Größe", "Mine"), "utf-8"
    )
    env = {**ENV, "PYTHONIOENCODING": "ascii"}
    command = [*COMMAND, "list", "größe.py", "--format", "json"]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert "größe.py" in str(json.loads(done.stdout.decode("utf-8")))


@pytest.mark.parametrize("arguments", ["check LSTM", "check LSTM --format json", "list"])
def test_a_reader_who_goes_away_ends_a_run_quietly(arguments):
    with subprocess.Popen([*COMMAND, *arguments.split()], env=ENV, stdout=-1, stderr=-1) as process:
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(60), said) == (141, b"")


@pytest.mark.parametrize("after", [0.2, 0.5, 0.8])
def test_ctrl_c_while_everything_is_imported(after):
    """However slow the machine is: either nothing is there yet to see to it, or the run ends with a line."""
    ready = "import sys, time; sys.orig_argv[:] = ['python', '-m', 'lstmspec']\nimport lstmspec.interruption\n"
    source = f"{ready}print('ready', flush=True)\ntime.sleep({after})\nfrom lstmspec.cli import main\nmain(['check'])"
    with subprocess.Popen([sys.executable, "-c", source], env=ENV, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(after / 2)
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, said, errors) == (130, "", "Aborted!\n")


@pytest.mark.parametrize(
    ("words", "is_command"),
    [
        (["python", "-m", "lstmspec", "check"], True),
        (["python", "-X", "dev", "-m", "lstmspec"], False),
        (["python", "-Im", "lstmspec"], False),
        (["python", "/usr/bin/lstmspec", "check"], True),
        (["python", "C:/lstmspec.exe"], True),
        (["python"], False),
        (["python", "-m", "pytest", "lstmspec"], False),
        (["python", "mine.py", "lstmspec"], False),
        (["jupyter", "lstmspec"], False),
    ],
)
def test_a_program_that_imports_the_package_is_left_alone(words, is_command):
    assert _is_command(words) == is_command
