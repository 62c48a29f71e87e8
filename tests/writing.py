"""What the tests of writing share: a user's cells, small packages that need no generating, and pictures of a folder."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from lstmspec.cli import main
from lstmspec.emit import Generated, Sources
from lstmspec.emit._header import headed
from lstmspec.emit._lock import NAME
from lstmspec.emit._temporary import is_temporary

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "generate.py"
HEAD = """from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")
"""
CELL = '''

class {}(Cell):
    """A small cell."""

    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
'''
SPEC = "0123456789abcdef"
MINE = '''
from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Mine(Cell):
    """A cell of my own."""

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * tanh(affine(x))
'''


def cells(*names):
    """The text of a specification with cells of these names."""
    return HEAD + "".join(CELL.format(name) for name in names)


def generate(*arguments):
    """`lstmspec generate` in this process; it never ends with a traceback."""
    done = CliRunner().invoke(main, ["generate", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def interpreter(*arguments, seed="0", cwd=ROOT, code=None):
    """A fresh interpreter; `code` stands for a script."""
    command = [sys.executable, *(["-c", code] if code else []), *map(str, arguments)]
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def again(models, *flags):
    """`lstmspec generate` into the folder that the fixture `models` has."""
    return generate(models.parent / "cells.py", "--out", models, *flags)


def put(path, text="mine = True\n"):
    """A change of that folder: a file in it."""

    def do(models):
        (models / path).parent.mkdir(parents=True, exist_ok=True)
        (models / path).unlink(missing_ok=True)
        (models / path).write_bytes(text.encode() if isinstance(text, str) else text)

    return do


def edited(path, change):
    """A change of that folder: a file in it with another text."""

    def do(models):
        (models / path).write_text(change((models / path).read_text()))

    return do


def package(*modules, text="x = 1\n"):
    """A package of cells as `lstmspec generate` would have it, with little in its files."""
    files = {"__init__.py": headed('"""Models."""\n'), "_runtime/checks.py": headed(f"# all\n{text}")}
    for module in modules:
        files |= {f"{module}/{name}.py": headed(f"# {module} {name}\n{text}", SPEC) for name in ("__init__", "numpy")}
    return Generated(files, {module: module.title() for module in modules})


def sources(*modules, source="../cells.py", whole=True):
    """Where those cells come from: one file, of which the run has all cells or some."""
    return Sources({module.title(): source for module in modules}, lambda name: whole and name in ("", source))


def picture(place):
    """Everything below a folder, links not followed: kind, permissions, contents, and when it was changed."""
    found = {}
    for path in sorted(Path(place).rglob("*")):
        about = path.lstat()
        text = os.readlink(path) if path.is_symlink() else ""
        if stat.S_ISREG(about.st_mode) and about.st_size < 10**6 and os.access(path, os.R_OK):
            text = path.read_bytes()
        found[path.relative_to(place).as_posix()] = (about.st_mode, about.st_ino, about.st_mtime_ns, text)
    folders = {name for name, (mode, *_) in found.items() if stat.S_ISDIR(mode)}
    return {name: what[:2] if name in folders else what for name, what in found.items()}


def texts(place):
    """Relative path → text of the files below a folder."""
    return {p.relative_to(place).as_posix(): p.read_text() for p in sorted(Path(place).rglob("*")) if p.is_file()}


def strays(place):
    """Temporary files and locks below a folder."""
    return [path for path in Path(place).rglob("*") if is_temporary(path.name) or path.name == NAME]


def bytes_of(place):
    """Relative path → bytes of a generated folder, caches of the interpreter aside."""
    files = sorted(path for path in Path(place).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def stamps_of(place):
    """When each file below a folder was changed, and which one it is."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in place.rglob("*") if path.is_file()}
