"""`lstmspec explain LS102`: what a finding means, read from its folder."""

import importlib.resources
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import lstmspec
from lstmspec import Code
from lstmspec.cli import _explain_code, main


def explain(*arguments):
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The package with one code's folder."""
    folder = tmp_path / "codes" / "LS102"
    folder.mkdir(parents=True)
    texts = {"about.md": "# Title\n\nWhat it is.\n\nMore.\n", "invalid.py": "a = 1\n\nb = 2\n", "valid.py": "c = 3\n"}
    for name, text in {**texts, "invalid.txt": "error[LS102]: no\n --> invalid.py:1\n"}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(_explain_code.importlib.resources, "files", {"lstmspec": tmp_path}.__getitem__)
    return folder


@pytest.mark.parametrize("spelled", ["LS102", "ls102"])
def test_the_long_form_of_a_code(spelled, folder):
    done = explain(spelled)
    assert done.exit_code == 0
    assert done.stdout == (
        f"LS102 (error): {Code.LS102.value}\n\nWhat it is.\n\nMore.\n\n"
        "This is refused:\n\n    a = 1\n\n    b = 2\n\n"
        "error[LS102]: no\n --> invalid.py:1\n\n"
        "This is accepted:\n\n    c = 3\n"
    )


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_every_code_can_be_explained(code):
    done = explain(code.name)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{code.name} ({code.severity.value}): {code.value}\n")


def test_the_folders_are_in_the_package():
    assert Path(str(importlib.resources.files("lstmspec"))) == Path(lstmspec.__file__).parent


@pytest.mark.parametrize(("text", "guess"), [("LS1002", "LS102"), ("LS999", "LS309"), ("LS0", "")])
def test_an_unknown_code(text, guess):
    done = explain(text)
    assert done.exit_code == 2
    assert f"{text} is no code" in done.stderr
    assert not guess or re.search(r"did you mean LS\d{3}\?", done.stderr)


def test_a_file_that_is_called_like_a_code_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "LS102").mkdir()
    assert "no file below `LS102` declares a cell" in explain("LS102").stderr


def test_explaining_an_ill_shaped_cell_prints_its_findings(tmp_path):
    path = tmp_path / "ill.py"
    path.write_text(
        "from lstmspec import *\n".replace("*", "Cell, Input, State, Weight, dims, tanh")
        + "n, k = dims('n k')\n\n\nclass Ill(Cell):\n    x = Input(n)\n    h = State(k)\n    W = Weight(k, n)\n"
        + "    h.next = tanh(W @ h)\n"
    )
    done = explain(str(path))
    assert done.exit_code == 1
    assert done.stderr.startswith("error[LS102]: ")
