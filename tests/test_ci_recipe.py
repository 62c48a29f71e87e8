"""The documented recipe for CI, run as it stands there on a project of one cell."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmspec.cli import main
from lstmspec.loading import settings_from

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
RECIPE = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
SETTINGS = re.search(r'```toml title="pyproject.toml"\n(.*?)```', PAGE, re.DOTALL)[1]
COMMANDS = [line.removeprefix("- run: ").partition("  #")[0] for line in RECIPE if line.startswith("- run: ")]
CELL = """from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")


class Mine(Cell):
    x = Input(n)
    h = State(k)
    h.next = tanh(affine(x, h))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "cells.py").write_text(CELL)
    return tmp_path


def test_the_recipe_has_ten_lines_and_shows_all_of_it():
    assert len(RECIPE) <= 10
    assert [command.split()[0:2] for command in COMMANDS] == [
        *(["lstmspec", "check"],) * 2,
        ["lstmspec", "generate"],
        ["lstmspec", "verify"],
        ["pytest", "-p"],
    ]
    assert "lstmspec-check" in "".join(RECIPE)


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_check(command, project):
    arguments, _, file = command.partition(" > ")
    done = CliRunner().invoke(main, shlex.split(arguments)[1:])
    assert (done.exit_code, done.stderr) == (0, "1 cell in 1 file: no findings\n")
    if file:
        assert json.loads(done.stdout)["version"] == "2.1.0"


def test_generate(project):
    arguments = shlex.split(COMMANDS[2])[1:]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    assert CliRunner().invoke(main, [argument for argument in arguments if argument != "--check"]).exit_code == 0
    assert CliRunner().invoke(main, arguments).exit_code == 0


def test_pytest(project):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", *shlex.split(COMMANDS[-1]), "-rA"]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED src/cells.py::Mine" in done.stdout


def test_the_settings_that_the_page_shows(project):
    (project / "pyproject.toml").write_text(SETTINGS)
    settings = settings_from(project)
    assert (settings.select, settings.ignore, settings.timeout) == (("LS1", "LS2"), ("LS213",), 20.0)
    assert set(tomllib.loads((project / "pyproject.toml").read_text())["tool"]["lstmspec"]) == set(vars(settings))
