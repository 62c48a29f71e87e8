"""Pages of documentation as tests see them: their blocks of code, run in order, and compared with what they show.

- ```python runs; its names are there for the next ones of the page. A block without a language behind it is its output.
- ```python title="cells.py", and toml or yaml with a title, is a file in the folder where the page is run.
- ```console has commands, `$ …`, with their outputs. A command that shows no output has to end with 0.
- ```yaml without a title is a workflow: its `- run:` lines run likewise.
- ```sh is a setup, which runs in a stand-in for a checkout (`checkouts.py`).

An ellipsis stands for anything: a line of its own for lines, at the end of a line for its rest.
"""

import difflib
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from checkouts import set_up

ROOT = Path(__file__).resolve().parent.parent
FIRST = ("README.md", "CONTRIBUTING.md")
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (*(ROOT / name for name in FIRST), *sorted(ROOT.glob("docs/**/*.md")))
}
WIDTH = "120"
PROGRAMS = {"python": "", "lstmspec": "-P -m lstmspec", "pytest": "-P -m pytest -p no:cacheprovider"}
FENCE = re.compile(r"^```(?P<language>[\w-]*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.DOTALL | re.M)
MACHINE = re.compile(r"\b\d+(\.\d+)?e-\d+\b")  # digits of differences, which depend on the machine


@dataclass(frozen=True)
class Block:
    """A block of code of a page: its first line there, its language, the file that it is, and its text."""

    line: int
    language: str
    title: str | None
    text: str


def blocks(text):
    """The blocks of a page. Raises ValueError for a fence that is none of ours, which would hide what follows it."""
    found = [
        Block(text[: m.start()].count("\n") + 1, m["language"], m["title"], m["text"]) for m in FENCE.finditer(text)
    ]
    fences = sum(line.lstrip().startswith("```") for line in text.splitlines())
    if fences != 2 * len(found):
        raise ValueError(
            f"{fences} fences, {len(found)} blocks: a fence starts a line, and has a language, and a title"
        )
    return found


class Run:
    """A page that is run in an empty folder."""

    def __init__(self, folder):
        self.folder, self.worker = folder, None
        self.home = folder / "home"  # the reader's, who has nothing but their own files
        self.home.mkdir()
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": WIDTH}
        for name in ("FORCE_COLOR", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST"):
            self.environment.pop(name, None)
        words = folder / "bin"
        words.mkdir()
        for name, arguments in PROGRAMS.items():
            (words / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
            (words / name).chmod(0o755)
        self.environment["PATH"] = f"{words}{os.pathsep}{os.environ['PATH']}"
        self.status = 0

    def command(self, command, cwd=None):
        """What a command prints, on both streams; its exit status is `$?` of the next one."""
        done = subprocess.run(
            ["bash", "-c", f"(exit {self.status})\n{command}"],
            cwd=cwd or self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.status = done.returncode
        return as_read(done.stdout)

    def python(self, source, name):
        """What statements print, in a process that lives as long as the page runs; an error is its last line."""
        if self.worker is None:
            command = [sys.executable, str(Path(__file__).with_name("page_worker.py"))]
            self.worker = subprocess.Popen(
                command, cwd=self.home, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        self.worker.stdin.write(json.dumps([source, name]) + "\n")
        self.worker.stdin.flush()
        return as_read(json.loads(self.worker.stdout.readline()))

    def close(self):
        if self.worker is not None:
            self.worker.communicate(timeout=60)


def as_read(text):
    """A text with paths as in a checkout, where its reader stands."""
    return text.replace(f"{ROOT}/", "")


def differences(shown, printed):
    """A diff of what a page shows and what there was; empty where they agree. It has to show something."""
    shown, printed = (MACHINE.sub("1e-…", text).strip("\n") for text in (shown, printed))
    lines = []
    for line in shown.splitlines():
        start = line.removesuffix("…") if not line.endswith("1e-…") else line
        pattern = re.escape(start) + ("" if start == line else r"[^\n]*")
        lines.append(r"(?:[^\n]*\n)*?" if line.strip() == "…" else pattern + r"[ ]*\n")
    if re.fullmatch("".join(lines), printed + "\n") and shown.strip() != "…":
        return ""
    return "\n".join(difflib.unified_diff(shown.splitlines(), printed.splitlines(), "shown", "printed", "", "", 99))


def exchanges(text):
    """The commands of a console, each with what it shows."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    if parts[0].strip():
        raise ValueError("a console begins with `$ `")
    return [tuple(part.rstrip("\n").partition("\n")[::2]) for part in parts[1:]]


def faults(text, folder):
    """What of a page's blocks is not as it stands there, each with its line."""
    run, found, all_ = Run(folder), [], blocks(text)
    try:
        for before, block, after in zip([None, *all_], all_, [*all_[1:], None], strict=False):
            found += [f"line {block.line}: {fault}" for fault in _faults(run, before, block, after)]
    finally:
        run.close()
    return found


def _faults(run, before, block, after):
    if block.title is not None:
        path = run.home / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        return []
    if block.language == "python":
        printed = run.python(block.text, f"line {block.line}")
        difference = differences(after.text if after is not None and after.language == "" else "", printed)
        return [f"it prints something else:\n{difference}"] if difference else []
    if block.language == "console":
        return [fault for pair in exchanges(block.text) for fault in _of_command(run, *pair)]
    if block.language == "yaml":
        commands = re.findall(r"^ *- run: (.*)$", block.text, re.MULTILINE)
        found = [fault for command in commands for fault in _of_command(run, command, "")]
        return found if commands else ["a workflow that runs nothing"]
    if block.language == "sh":
        return set_up(run, block.text.splitlines())
    if block.language == "" and before is not None and (before.language, before.title) == ("python", None):
        return []
    return [f"a block of the language {block.language!r}, which no test runs"]


def _of_command(run, command, shown):
    printed = run.command(command)
    if "Traceback (most recent call last)" in printed or (not shown and run.status):
        return [f"`{command}` ends with {run.status}:\n{printed}"]
    difference = differences(shown, printed) if shown else ""
    return [f"`{command}` prints something else:\n{difference}"] if difference else []
