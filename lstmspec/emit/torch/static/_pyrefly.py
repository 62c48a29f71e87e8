"""Pyrefly and its stubs of PyTorch: where they are, how they are installed, how they are run.

They live in an environment of their own, without PyTorch: the stubs say that they need it, and it would be the newest
one with CUDA, gigabytes of it. They need it only to be found, and this interpreter has one.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..._static import NotRun
from ._support import CANARY, REFUSED, SUPPORT, stubs

PINNED = "1.4.1"
PACKAGES = (f"pyrefly=={PINNED}", "pyrefly-torch-stubs==1.4.0", "pyrefly-shape-extensions==1.4.0")
NEEDED = ("torch",)  # what twins import beside the stubs


@dataclass(frozen=True)
class Message:
    """A diagnostic of Pyrefly: where, which kind, the text."""

    line: int
    kind: str
    text: str


def install(place: Path) -> Path:
    """Pyrefly in a virtual environment, which is made if there is none; its executable."""
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    if not (programs / "pyrefly").exists():
        python = str(programs.absolute() / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *PACKAGES]
        try:
            _call([sys.executable, "-m", "venv", str(place)])
            _call(pip)
        except NotRun as error:
            raise NotRun(f"pyrefly cannot be installed into {place}; --pyrefly says where it is: {error}") from error
    return programs / "pyrefly"


def version(executable: Path) -> str:
    """Pyrefly's version."""
    return (_call([str(executable.absolute()), "--version"]).stdout.split() or ["unknown"])[-1]


def stubs_of(executable: Path) -> Path:
    """The site-packages beside an executable. Raises NotRun when its stubs of PyTorch are not there."""
    environment = executable.absolute().parent.parent  # not resolved: a link leads out of the environment
    for found in (*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"):
        if (found / "torch-stubs").is_dir() and (found / "shape_extensions").is_dir():
            return found
    raise NotRun(f"{executable}: no stubs of PyTorch beside it; pip install --no-deps {' '.join(PACKAGES)}")


def check(executable: Path, modules: Sequence[str]) -> list[list[Message]]:
    """Pyrefly's diagnostics of each module. Raises NotRun where it cannot run or does not see what it has to."""
    with tempfile.TemporaryDirectory(prefix="lstmspec-") as root:
        config, report = Path(root, "pyrefly.toml"), Path(root, "report.json")
        config.write_text(_config(root, [stubs_of(executable), *_libraries()]), encoding="utf-8")
        Path(root, f"{SUPPORT}.pyi").write_text(stubs(), encoding="utf-8")
        files = [Path(root, f"module_{at}.py") for at in range(len(modules) + 1)]
        for file, text in zip(files, [*modules, CANARY], strict=True):
            file.write_text(text, encoding="utf-8")
        flags = ["--output", f"json:{report}", "--min-severity", "info", "--summary=none"]
        command = [str(executable.absolute()), "check", "-c", str(config), *flags, *map(str, files)]
        done = _call(command, allowed=(0, 1), cwd=root)
        if not report.exists():
            raise NotRun(f"{executable}: no report, but exit {done.returncode}\n{_said(done)}".rstrip())
        *found, canary = _messages(report, files)
    if [message.line for message in canary] != [REFUSED]:
        raise NotRun(f"{executable}: it does not check shapes here; of a sum of (batch, n) and (k) it says {canary}")
    return found


def _libraries() -> list[Path]:
    """Where this interpreter has what twins import. Raises NotRun when it has not."""
    found: dict[Path, None] = {}
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise NotRun(f"{sys.executable} has no {name}, which generated modules import: pip install {name}")
        found[Path(spec.origin).parent.parent] = None
    return list(found)


def _config(root: str, sites: list[Path]) -> str:
    quoted = ", ".join(json.dumps(str(site)) for site in sites)
    release = ".".join(map(str, sys.version_info[:2]))
    return (
        f"search-path = [{json.dumps(root)}]\nsite-package-path = [{quoted}]\n"
        f'python-version = "{release}"\nskip-interpreter-query = true\n'
        '[errors]\nredundant-cast = "ignore"\n'  # most declarations between statements say what Pyrefly has found
    )


def _messages(report: Path, files: Sequence[Path]) -> list[list[Message]]:
    """The report's diagnostics, by file. Raises NotRun for one of another file, or another form of report."""
    found: dict[Path, list[Message]] = {file.resolve(): [] for file in files}
    try:
        for error in json.loads(report.read_text(encoding="utf-8"))["errors"]:
            place = (report.parent / error["path"]).resolve()
            if place not in found:
                raise NotRun(f"pyrefly speaks of {error['path']}: {error['description']}")
            found[place].append(Message(int(error["line"]), str(error["name"]), str(error["description"])))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotRun(f"pyrefly's report cannot be read, is it another version than {PINNED}? {error!r}") from error
    return list(found.values())


def _call(
    command: list[str], allowed: tuple[int, ...] = (0,), cwd: str | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    except OSError as error:
        raise NotRun(f"{command[0]}: {error.strerror or error}") from error
    if done.returncode not in allowed:
        raise NotRun(f"{' '.join(command[:4])} …: exit {done.returncode}\n{_said(done)}".rstrip())
    return done


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return f"{done.stdout}{done.stderr}"
