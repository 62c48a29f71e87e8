"""Runs of `lstmspec generate` that are killed or find the disk full: each file is the old one or the new one."""

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from writing import MINE, ROOT, bytes_of, cells, generate, interpreter, package, picture, strays, texts

from lstmspec.emit import write
from lstmspec.emit._header import headed


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A user's file, in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.py").write_text(cells("Mine"))
    return Path("cells.py")


# -- killed half-way ---------------------------------------------------------------------------------------------------

KILLED = {
    "at the third rename": """
        real, calls = os.replace, []
        def replace(*places):
            calls.append(places)
            if len(calls) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            real(*places)
        os.replace = replace
    """,
    "in a temporary file": """
        real, calls = os.fdopen, []
        def fdopen(*arguments, **options):
            stream = real(*arguments, **options)
            write = stream.write
            def half(text):
                calls.append(text)
                if len(calls) == 2:
                    write(text[: len(text) // 2])
                    stream.flush()
                    os.kill(os.getpid(), signal.SIGKILL)
                return write(text)
            class Half:
                def __enter__(self):
                    return self
                def __exit__(self, *error):
                    stream.close()
                write = staticmethod(half)
            return Half()
        os.fdopen = fdopen
    """,
}


@pytest.mark.parametrize("when", KILLED)
def test_a_killed_run_leaves_whole_files(when, mine, tmp_path):
    spec, out = mine
    old = bytes_of(out)
    spec.write_text(MINE.replace("1 - z", "0.5 - z").replace("tanh(", "sigmoid("))
    assert generate(spec, "--out", tmp_path / "new").exit_code == 0
    new = bytes_of(tmp_path / "new")
    for name in ("__init__.py", "_runtime/checks.py"):  # stale too, so that there is something to write for every file
        (out / name).write_text(headed("# of an older version\n"))
    old = bytes_of(out)
    body = "\n".join(line[8:] for line in KILLED[when].splitlines())
    code = f"import os, signal, sys\n{body}\nfrom lstmspec.cli import main\nmain(sys.argv[1:])"
    done = interpreter("generate", spec, "--out", out, code=code)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = bytes_of(out)
    targets = {name: text for name, text in left.items() if not Path(name).name.startswith(".")}
    assert targets.keys() == old.keys()
    for name, text in targets.items():
        assert text in (old[name], new[name]), name
        assert not name.endswith(".py") or compile(text, name, "exec")
    changed = sum(targets[name] == new[name] != old[name] for name in targets)
    assert changed == (2 if when == "at the third rename" else 0)
    assert generate(spec, "--out", out, "--check").exit_code == 1
    assert generate(spec, "--out", out).exit_code == 0
    assert {name: bytes_of(out)[name] for name in new} == new


def test_an_error_while_writing_leaves_no_temporary_files(mine, monkeypatch):
    spec, out = mine
    old = bytes_of(out)
    spec.write_text(MINE.replace("1 - z", "0.5 - z"))

    def full(*places):
        raise OSError(28, "No space left on device", str(places[1]))

    monkeypatch.setattr(os, "replace", full)
    done = generate(spec, "--out", out)
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert bytes_of(out) == old
    assert not list(out.rglob("*.tmp"))


# -- runs that end in the middle ---------------------------------------------------------------------------------------

FULL = OSError(errno.ENOSPC, "No space left on device")


def failing(monkeypatch, name, at, error):
    """Let the call of a function of os with this number raise an error."""
    real, calls = getattr(os, name), []

    def call(*arguments, **options):
        calls.append(arguments)
        if len(calls) == at:
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize(
    ("name", "at"), [("open", 2), ("open", 5), ("fdopen", 1), ("fdopen", 7), ("mkdir", 6), ("chmod", 3)]
)
def test_a_full_disk_while_texts_are_staged_changes_nothing(name, at, tmp_path, monkeypatch):
    write(package("one"), tmp_path / "out")
    before = picture(tmp_path)
    with monkeypatch.context() as patched:
        failing(patched, name, at, FULL)
        with pytest.raises(OSError, match="No space left"):
            write(package("one", "two", "three", text="x = 2\n"), tmp_path / "out")
    assert picture(tmp_path) == before


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["full", "interrupted"])
@pytest.mark.parametrize("at", range(1, 6))
def test_a_run_that_ends_between_renames_leaves_old_files_and_new(at, error, tmp_path, monkeypatch):
    old, new = package("one"), package("one", "two", text="x = 2\n")
    write(old, tmp_path)
    with monkeypatch.context() as patched:
        failing(patched, "replace", at, error)
        with pytest.raises(type(error)):
            write(new, tmp_path)
    left = texts(tmp_path)
    assert sum(left.get(name) == text for name, text in new.files.items()) == at  # its __init__.py is the same in both
    assert all(text in (old.files.get(name), new.files[name]) for name, text in left.items())
    assert strays(tmp_path) == []
    write(new, tmp_path)
    assert texts(tmp_path) == dict(new.files)


def test_a_full_disk_in_the_middle_of_a_text_changes_nothing(tmp_path, monkeypatch):
    write(package("one"), tmp_path / "out")
    before = picture(tmp_path)

    class Full(io.StringIO):
        def write(self, text):
            raise FULL

    def fdopen(handle, *arguments, **options):
        os.close(handle)
        return Full()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", fdopen)
        with pytest.raises(OSError, match="No space left"):
            write(package("one", "two", text="x = 2\n"), tmp_path / "out")
    assert picture(tmp_path) == before


def test_a_full_disk_leaves_no_new_folders(spec, monkeypatch):
    failing(monkeypatch, "fdopen", 4, FULL)
    done = generate(spec, "--out", "a/b")
    assert done.exit_code == 2 and "a/b cannot be written: No space left on device" in done.stderr
    assert os.listdir() == ["cells.py"]


def test_an_interrupted_run_says_how_things_are(spec, monkeypatch):
    failing(monkeypatch, "replace", 3, KeyboardInterrupt())
    done = generate(spec)
    assert done.exit_code == 130 and "interrupted" in done.stderr and "run it again" in done.stderr
    assert strays(".") == []


@pytest.mark.parametrize(("where", "why"), [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")])
def test_what_cannot_be_said_was_done_all_the_same(where, why, spec, tmp_path):
    command = f"exec {sys.executable} -m lstmspec generate {spec} {where}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"error: standard output: {why}"]
    assert generate(spec, "--check").exit_code == 0


def test_a_full_disk_for_temporary_files_is_named(spec, tmp_path, monkeypatch):
    """The texts are formatted there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    real = Path.write_bytes

    def write_bytes(path, data):
        if "temporary" in path.parts and len(data) > 100:
            raise FULL
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    done = generate(spec)
    assert done.exit_code == 2
    assert f"error: nothing was written: {tmp_path}/temporary: No space left on device" in done.stderr.splitlines()
    assert not Path("generated").exists() and os.listdir("temporary") == []
