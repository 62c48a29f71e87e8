"""The examples in the help of commands: each command has some, each says what it is for, and each runs as written."""

import re
import shlex

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from helpers import CELLS

from lstmspec import layout
from lstmspec.cli import main

COMMANDS = ("audit", "convert", "explain", "grad", "list")
CELL = '''from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")


class Mine(Cell):
    """One layer."""

    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
'''
MODULE = """import torch


class Mine(torch.nn.Module):
    def __init__(self, n, k):
        super().__init__()
        self.layer = torch.nn.Linear(n + k, k)

    def forward(self, x, h):
        return torch.tanh(self.layer(torch.cat([x, h], -1)))
"""
DIFFERS = ("GRUResetBefore",)  # an audit that finds something ends with 1


def call(*arguments):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def examples(command):
    """The examples in a command's help, each with the words beside it."""
    lines = re.findall(r"^  (lstmspec .*)$", call(command, "--help").stdout, re.MULTILINE)
    pairs = [re.split(r" {2,}", line, maxsplit=1) for line in lines]
    return [(pair[0], pair[1] if len(pair) > 1 else "") for pair in pairs]


EVERY = [(command, example, words) for command in COMMANDS for example, words in examples(command)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that examples name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    package = tmp_path / "src" / "mypackage"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for path in (tmp_path / "cells.py", tmp_path / "mine.py", package / "cells.py"):
        path.write_text(CELL)
    (tmp_path / "mine_torch.py").write_text(MODULE)
    for name, module in (("torch", torch.nn.LSTM(3, 5, num_layers=2, proj_size=0)), ("cell", torch.nn.LSTMCell(3, 5))):
        np.savez(tmp_path / f"{name}.npz", **{key: value.numpy() for key, value in module.state_dict().items()})
    spec = layout(CELLS["LSTM"], "pytorch", suffix="").to_spec(torch.nn.LSTMCell(3, 5).state_dict())
    np.savez(tmp_path / "keras.npz", **layout(CELLS["LSTM"], "keras").from_spec(spec))
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_examples_with_words(command):
    found = examples(command)
    assert len(found) >= 3
    assert all(example.startswith(f"lstmspec {command} ") or example == f"lstmspec {command}" for example, _ in found)
    assert sum(bool(words) for _, words in found) >= len(found) - 1
    assert all(len(f"{example}  {words}") <= 120 for example, words in found)


@pytest.mark.parametrize(("command", "example", "words"), EVERY, ids=[example for _, example, _ in EVERY])
def test_an_example_runs(command, example, words, folder):
    program, *arguments = shlex.split(example)
    assert program == "lstmspec"
    done = call(*arguments)
    assert done.exit_code == (1 if any(name in arguments for name in DIFFERS) else 0), done.output
    assert done.stdout


def test_an_example_that_does_not_run_is_seen(folder):
    with pytest.raises(AssertionError):
        test_an_example_runs("grad", "lstmspec grad Nobody", "", folder)


@pytest.mark.parametrize("digits", [19, 5000])
@pytest.mark.parametrize("option", ["--set", "--assume"])
def test_a_size_of_too_many_digits_is_refused(option, digits):
    done = call("explain", "LSTM", option, f"n={'9' * digits}")
    assert done.exit_code == 2
    assert "expected" in done.stderr
