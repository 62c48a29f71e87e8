"""The hook for pre-commit: what `.pre-commit-hooks.yaml` says is a command that passes over ordinary files."""

import re
from pathlib import Path

from click.testing import CliRunner

from lstmspec.cli import main

HOOK = (Path(__file__).resolve().parent.parent / ".pre-commit-hooks.yaml").read_text()
ILL = """from lstmspec import Cell, Input, State, Weight, dims, tanh

n, k = dims("n k")


class Ill(Cell):
    x = Input(n)
    h = State(k)
    W = Weight(k, n)
    h.next = tanh(W @ h)
"""


def run_hook(*files):
    """As pre-commit does: the entry with the files after it."""
    program, *arguments = re.search(r"^  entry: (.*)$", HOOK, re.MULTILINE)[1].split()
    assert program == "lstmspec"
    return CliRunner().invoke(main, [*arguments, *map(str, files)])


def test_files_without_cells_pass_and_are_not_run(tmp_path):
    for name, text in {"script.py": "raise SystemExit('ran')\n", "empty.py": "", "broken.py": "class (\n"}.items():
        (tmp_path / name).write_text(text)
    done = run_hook(*sorted(tmp_path.iterdir()))
    assert (done.exit_code, done.stdout) == (0, "0 cells in 0 files: no findings\n")


def test_cells_with_findings_do_not_pass(tmp_path):
    (tmp_path / "script.py").write_text("raise SystemExit('ran')\n")
    (tmp_path / "ill.py").write_text(ILL)
    done = run_hook(*sorted(tmp_path.iterdir()))
    assert done.exit_code == 1
    assert "error[LS102]" in done.stdout


def test_a_broken_file_of_cells_does_not_pass(tmp_path):
    (tmp_path / "broken.py").write_text(ILL + "(")
    assert run_hook(tmp_path / "broken.py").exit_code == 2


def test_the_hook_is_one_for_python_files():
    assert "- id: lstmspec-check\n" in HOOK
    assert "  types: [python]\n" in HOOK
    assert "  require_serial: true\n" in HOOK
