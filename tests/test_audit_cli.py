"""`lstmspec audit`: what it accepts, what it says in every format, and its exit codes."""

import json
import os

import jsonschema
import pytest
from click.testing import CliRunner

from lstmspec.cli import main
from lstmspec.render import schema

THEIRS = '''
import numpy as np
import torch

print("imported")


class Mine(torch.nn.Module):
    """The cell of cells.py."""

    def __init__(self, n, k, bias=True, scale=1.0):
        super().__init__()
        self.all, self.scale = torch.nn.Linear(n + k, k, bias=bias), scale

    def forward(self, x, h):
        return torch.tanh(self.scale * self.all(torch.cat([x, h], -1)))


def make(n, k):
    """A function with its arrays."""
    arrays = {"W": np.zeros((k, n)), "U": np.zeros((k, k)), "b": np.zeros(k)}
    return lambda p, x, h: np.tanh(x @ p["W"].T + h @ p["U"].T + p["b"]), arrays


class Broken:
    def __init__(self, n, k):
        raise ValueError("no such thing")
'''
CELL = '''
from lstmspec import Cell, Constant, Input, State, affine, dims, tanh

n, k = dims("n k")


class Mine(Cell):
    """A cell of my own."""

    x = Input(n)
    h = State(k)
    lam = Constant(1.0)
    h.next = tanh(lam * affine(x, h))
'''


def call(*arguments):
    done = CliRunner().invoke(main, ["audit", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.py").write_text(CELL)
    (tmp_path / "theirs.py").write_text(THEIRS)
    return tmp_path


def test_agreement_is_told_with_places():
    done = call("LSTM", "torch.nn:LSTM(n, k)")
    assert done.exit_code == 0
    assert done.output.splitlines()[0] == "LSTM(n, k) computes the equations of LSTM"
    assert "b_f  bias_ih_l0[7:14] + bias_hh_l0[7:14]" in done.output


def test_a_difference_is_a_finding():
    done = call("IndRNN", "torch.nn:RNNCell(n, k)")
    assert done.exit_code == 1 and "error[LS40" in done.output


@pytest.mark.parametrize(
    "module", ["theirs.py:Mine(n, k)", "theirs.py:Mine", "theirs:Mine(n, k, bias=True)", "theirs.py:make(n, k)"]
)
def test_files_and_modules(place, module):
    done = call("cells.py", module)
    assert done.exit_code == 0, done.output
    assert "imported" not in done.stdout


def test_sizes_and_constants(place):
    half = "theirs.py:Mine(n, k, scale=0.5)"
    done = call("cells.py:Mine", half, "--set", "n=3", "--set", "k=4", "--constant", "lam=0.5")
    assert done.exit_code == 0 and "n = 3, k = 4" in done.output
    assert call("cells.py:Mine", half).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("torch.nn",), "names no code"),
        (("torch.nn:",), "names no code"),
        ((":LSTM(n, k)",), "names no code"),
        (("torch.nn:LSTM(n k)",), "cannot be read"),
        (("torch.nn:LSTM(n, k)(x)",), "is no name"),
        (("torch.nn:'LSTM'",), "is no name"),
        (("torch.nn:LSTM(n, q)",), "neither a dimension"),
        (("torch.nn:LSTM(n, len(k))",), "neither a dimension"),
        (("torch.nn:Nothing(n, k)",), "AttributeError"),
        (("no.such.module:LSTM(n, k)",), "ModuleNotFoundError"),
        (("nothing.py:LSTM(n, k)",), "there is no file"),
        (("theirs.py:Broken(n, k)",), "ValueError: no such thing"),
        (("torch.nn:LSTM(n)",), "cannot be made"),
        (("torch.nn:LSTM(n, k)", "--set", "q=3"), "q"),
        (("torch.nn:LSTM(n, k)", "--constant", "lam"), "NAME=VALUE"),
        (("torch.nn:LSTM(n, k)", "--constant", "lam=1", "--constant", "lam=2"), "two values for `lam`: 1 and 2"),
        (("torch.nn:LSTM(n, k)", "--timeout", "nan"), "nan is no number of seconds"),
        (("torch.nn:LSTM(n, k)", "--constant", "q=3"), "NAME=VALUE"),
    ],
)
def test_what_cannot_run_is_a_usage_error(place, arguments, words):
    done = call("cells.py", *arguments)
    assert done.exit_code == 2 and words in done.output and "Traceback" not in done.output


def test_one_cell_at_a_time(place):
    (place / "cells.py").write_text(f"{CELL}\n\nclass Other(Mine):\n    pass\n")
    done = call("cells.py", "theirs.py:Mine(n, k)")
    assert done.exit_code == 2 and "has 2 cells" in done.output


def test_what_cannot_be_compared_exits_2():
    done = call("LSTM", "torch.nn:Identity()")
    assert done.exit_code == 2 and "error[LS404]" in done.output


# -- formats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["torch.nn:GRU(n, k)", "torch.nn:Identity()", "torch.nn:LSTM(n, k)"])
@pytest.mark.parametrize("cell", ["GRU", "GRUResetBefore"])
def test_json_fits_its_schema(cell, module):
    done = call(cell, module, "--format", "json")
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads(schema())).validate(document)
    assert document["audit"]["agrees"] == (done.exit_code == 0) == (not document["findings"])


def test_json_says_what_the_code_does_instead():
    document = json.loads(call("GRUResetBefore", "torch.nn:GRU(n, k)", "--format", "json").stdout)["audit"]
    (edit,) = document["edits"]
    assert (edit["kind"], edit["equation"]) == ("moved", "m")
    assert edit["line"] == "m = tanh(W_m[:, :n] @ x + r * (W_m[:, n:n+k] @ h + b_extra) + b_m)"
    assert document["sizes"] == {"n": 5, "k": 7} and document["call"].startswith("a sequence")
    assert document["places"]["b_extra"] == "bias_hh_l0[14:21]" and document["unused"] == []
    assert max(document["results"].values()) < 1e-10 and max(document["gradients"].values()) < 1e-10


def test_github_and_sarif_name_the_place(place):
    arguments = ("cells.py", "theirs.py:Mine(n, k, scale=0.5)")
    github = call(*arguments, "--format", "github")
    assert github.exit_code == 1 and github.stdout.startswith("::error file=cells.py,line=")
    sarif = json.loads(call(*arguments, "--format", "sarif").stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["LS402"]
    assert call("GRU", "torch.nn:GRU(n, k)", "--format", "github").stdout == ""


def test_the_same_seed_says_the_same():
    first, second, other = (call("GRU", "torch.nn:GRU(n, k)", "--seed", seed).stdout for seed in (1, 1, 2))
    assert first == second != other


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os\nos._exit(0)\n", "its process ended with exit status 0"),
        ("import ctypes\nctypes.string_at(0)\n", "its process ended with signal SIGSEGV"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n",
            "leaves a thread running",
        ),
    ],
)
@pytest.mark.parametrize("module", ["hostile.py:Mine(n, k)", "hostile:Mine(n, k)"])
def test_code_that_ends_the_process_is_a_finding(place, source, said, module):
    (place / "hostile.py").write_text(source)
    done = call("cells.py:Mine", module)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error[LS213]: `hostile.py` " in done.stderr and said in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_copies_that_code_makes_of_its_process_end(tmp_path):
    """Each of hundreds of calls makes one, which must not make others."""
    made = tmp_path / "made"
    forks = f"os.fork() and open({str(made)!r}, 'a').write('.')\n        return torch.tanh"
    text = f"import os\n{THEIRS}".replace("return torch.tanh", forks)
    (tmp_path / "theirs.py").write_text(text)
    (tmp_path / "cells.py").write_text(CELL)
    done = call(tmp_path / "cells.py", f"{tmp_path / 'theirs.py'}:Mine(n, k)", "--timeout", "60")
    assert done.exit_code == 0 and len(made.read_text()) < 1000


@pytest.mark.parametrize("kind", ["json", "sarif", "github"])
def test_a_cell_that_cannot_be_loaded_is_a_finding_in_every_format(kind, tmp_path):
    (tmp_path / "bad.py").write_text("raise ValueError('not today')")
    done = call(tmp_path / "bad.py", "torch.nn:LSTM(n, k)", "--format", kind)
    assert done.exit_code == 2 and "LS213" in done.stdout and "not today" in done.stdout
    assert kind == "github" or json.loads(done.stdout)
