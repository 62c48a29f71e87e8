"""Files of a folder that import lstmspec in odd ways are about cells: Python reads them, so they are checked."""

import pytest
from click.testing import CliRunner
from writing import generate

from lstmspec.cli import main

BODY = """
n, k = dims("n k")


class Two(Cell):
    x, h = Input(n), State(k)
    h.next = x
"""
DIMS = 'n, k = dims("n k")\n'
HEADS = {
    "byte order mark": "\ufefffrom lstmspec import *",
    "continued": "from lstmspec \\\n import *",
    "second of a continued line": "import os, \\\n lstmspec as ls\nglobals().update(vars(ls))",
    "semicolon": "import os; from lstmspec import *",
    "behind a condition": "if True: from lstmspec import *",
    "behind a docstring": "'words'; from lstmspec import *",
    "behind try": "try: from lstmspec import *\nexcept ImportError: pass",
    "form feed": "\x0cfrom lstmspec import *",
    "importlib": 'import importlib\nglobals().update(vars(importlib.import_module("lstmspec")))',
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_they_are_checked_in_a_folder(head, folder):
    (folder / "two.py").write_text(head + BODY, encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "src"])
    assert done.exit_code == 1 and "LS104" in done.stdout and "1 cell in 1 file: 1 error" in done.stdout


def test_a_neighbour_that_imports_it_oddly_counts(folder):
    (folder / "base.py").write_text(
        'import os; from lstmspec import Cell as Base, Input, State, dims\nn, k = dims("n k")\n'
    )
    (folder / "two.py").write_text(
        f"import os; from base import Base as Cell, Input, State, n, k{BODY}".replace(DIMS, "")
    )
    done = CliRunner().invoke(main, ["check", "src"])
    assert "1 cell in 1 file: 1 error" in done.stdout and "LS104" in done.stdout


def test_carriage_returns_end_lines(folder):
    (folder / "two.py").write_bytes(f"from lstmspec import *{BODY}".replace("\n", "\r").encode())
    assert CliRunner().invoke(main, ["check", "src"]).exit_code == 1


def test_prune_does_not_remove_the_models_of_a_file_that_gets_a_byte_order_mark(folder):
    text = f"from lstmspec import *{BODY}".replace("= x", "= tanh(affine(x, h))")
    (folder / "two.py").write_text(text, encoding="utf-8")
    assert generate("src").exit_code == 0
    (folder / "two.py").write_text(f"\ufeff{text}", encoding="utf-8")
    done = generate("src", "--prune")
    assert done.exit_code == 0 and "removed" not in done.stdout


def test_brackets_that_never_close_are_read_in_no_time(folder):
    (folder / "other.py").write_text("from a import (\n" * 60_000)
    (folder / "two.py").write_text(f"from lstmspec import *{BODY}")
    assert "1 cell in 1 file: 1 error" in CliRunner().invoke(main, ["check", "src"]).stdout


def test_a_seed_below_zero_is_refused():
    done = CliRunner().invoke(main, ["verify", "LSTM", "--seed", "-1"])
    assert done.exit_code == 2 and "--seed" in done.stderr
