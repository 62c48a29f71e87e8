"""The README's audits, run as they stand there, print what stands there."""

import contextlib
import io
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from lstmspec.cli import main

ROOT = Path(__file__).resolve().parent.parent
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## Other people's code\n")[1].split("\n## ")[0]
BLOCKS = re.findall(r"```(\w*)\n(.*?)\n```", SECTION, re.DOTALL)


def shown(text):
    """Without the digits of differences, which depend on the machine."""
    return re.sub(r"\d+e-\d+", "…", text).strip()


def test_the_example_in_python_prints_what_follows_it():
    (_, source), (_, printed) = BLOCKS[:2]
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        exec(compile(source, "README.md", "exec", dont_inherit=True), {})
    assert shown(stdout.getvalue()) == shown(printed)


def test_the_command_prints_what_follows_it(monkeypatch):
    monkeypatch.chdir(ROOT)
    command, _, printed = BLOCKS[2][1].partition("\n")
    done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ lstmspec ")))
    assert done.exit_code == 1
    lines = shown(printed).split("\n…\n")
    assert len(lines) == 2  # what is left out is told by an ellipsis
    assert shown(done.stdout).startswith(lines[0]) and shown(done.stdout).endswith(lines[1])
