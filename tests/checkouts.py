"""A stand-in for a checkout in which setups run: pip is asked whether it could, the suite is one file of it.

Everything else is real: `scripts/generate.py` writes models, `scripts/forecast.py` trains, for a few epochs.
"""

import os
import shlex
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("generated", "out", "build", "dist")  # made by commands
SAMPLE = "tests/test_dims.py"
BRIEF = {"scripts/forecast.py": "--quick"}


def checkout(folder):
    """The files of this one, by links, without what commands make."""
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in LEFT_OUT and not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    return folder


def set_up(run, lines):
    """The commands of a setup that fail, each with what it prints."""
    here = run.folder / "checkout"
    if not here.exists():
        checkout(here)
        program(run.folder / "bin" / "python3")
    found = []
    for line in lines:
        printed = run.command(line, here)
        if run.status:
            found.append(f"`{line}` ends with {run.status}:\n{printed}")
    return found


def program(path):
    """A program of which `main` says what it does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join([sys.executable, str(Path(__file__).resolve()), path.name])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


def main(name, *arguments):
    """What a program of the environment does. Ends with its exit status."""
    if name == "python3":
        if arguments[:2] != ("-m", "venv") or len(arguments) != 3:
            sys.exit(f"python3 {' '.join(arguments)}: no setup")
        for part in ("pip", "python"):
            program(Path(arguments[2]) / "bin" / part)
        return
    if name == "pip":
        installed(*arguments)
        return
    if arguments[:2] == ("-m", "pytest"):
        arguments += (SAMPLE, "-p", "no:cacheprovider", "-n", "0")  # one file needs no processes of its own
    arguments += (BRIEF[arguments[0]],) if arguments[0] in BRIEF else ()
    os.execv(sys.executable, [sys.executable, *arguments])


def installed(command, *arguments):
    """Whether pip could: files and extras exist."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    extras = given.pop("-e", "").removeprefix(".").strip("[]")
    constraints = given.pop("-c", os.devnull)
    if command != "install" or given or not Path(constraints).exists():
        sys.exit(f"pip {command} {' '.join(arguments)}: cannot")
    if unknown := set(filter(None, extras.split(","))) - set(project["optional-dependencies"]):
        sys.exit(f"pip: there is no extra {', '.join(sorted(unknown))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
