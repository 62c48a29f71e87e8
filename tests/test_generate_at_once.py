"""Two runs into one folder at once, and runs that are killed: both succeed, whatever the order of their steps."""

import contextlib
import errno
import fcntl
import functools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from writing import cells, generate, package, sources, strays, texts

from lstmspec.emit import _lock as lock
from lstmspec.emit import _write as writing
from lstmspec.emit import compare, write

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("open", "fdopen", "mkdir", "chmod", "replace", "unlink", "rmdir", "scandir")  # of os: each a place to stop at
OLD, NEW, OTHER = (package("one", "two", text=f"x = {value}\n") for value in (2, 3, 5))


@contextlib.contextmanager
def stopping(at, action):
    """Run an action before the step of this thread with this number; yields the steps that were taken."""
    main, steps = threading.current_thread(), []
    real = {name: getattr(os, name) for name in STEPS}

    def step(name):
        def call(*arguments, **options):
            if threading.current_thread() is main:
                steps.append(name)
                if len(steps) == at:
                    action()
            return real[name](*arguments, **options)

        return call

    try:
        for name in STEPS:
            setattr(os, name, step(name))
        yield steps
    finally:
        for name in STEPS:
            setattr(os, name, real[name])


def interleaved(at, first, second):
    """Run the first up to a step, then the second as far as it comes, then both to their ends. Their errors."""
    errors = []

    def run(task):
        try:
            task()
        except BaseException as error:
            errors.append(error)

    other = threading.Thread(target=run, args=(second,))

    def start():
        other.start()
        other.join(0.02)

    with stopping(at, start) as steps:
        run(first)
    if other.ident is None:
        other.start()
    other.join(20)
    assert not other.is_alive()
    return errors, len(steps)


def faults(folder, first, second, wanted, before=None):
    """The steps at which another run ends badly for one of both, or leaves the folder in another state."""
    at, bad = 0, []
    while True:
        at += 1
        place = folder / str(at)
        if before is not None:
            write(before, place, sources("one", "two"))
        errors, steps = interleaved(at, functools.partial(first, place), functools.partial(second, place))
        if errors or strays(place) or not any(dict(one.files).items() <= texts(place).items() for one in wanted):
            bad.append((at, errors))
        if at > steps:
            assert at > 10
            return bad


# -- two runs ----------------------------------------------------------------------------------------------------------


def test_two_first_writers(tmp_path):
    assert faults(tmp_path, lambda out: write(NEW, out), lambda out: write(NEW, out), [NEW]) == []


def test_two_writers_over_an_older_version(tmp_path):
    bad = faults(tmp_path, lambda out: write(NEW, out), lambda out: write(OTHER, out), [OTHER, NEW], OLD)
    assert bad == []


def test_a_writer_and_one_that_removes_the_folder_of_a_cell(tmp_path):
    few = package("one", text="x = 3\n")

    def pruning(out):
        write(few, out, sources("one"), prune=True)

    def writing_all(out):
        write(NEW, out, sources("one", "two"))

    assert faults(tmp_path, writing_all, pruning, [NEW, few], OLD) == []
    assert faults(tmp_path / "turned", pruning, writing_all, [NEW, few], OLD) == []


def test_two_specifications_are_both_remembered(tmp_path):
    one, two = package("one"), package("two")

    def first(out):
        write(one, out, sources("one", source="../a.py"))

    def second(out):
        write(two, out, sources("two", source="../b.py"))

    assert faults(tmp_path, first, second, [package("one", "two")]) == []
    for place in tmp_path.iterdir():
        assert (place / "_sources.toml").read_text().splitlines()[1:] == ['one = "../a.py"', 'two = "../b.py"']


def test_without_a_lock_it_is_seen(tmp_path, monkeypatch):
    @contextlib.contextmanager
    def unlocked(folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield True

    monkeypatch.setattr(writing, "locked", unlocked)
    assert faults(tmp_path, lambda out: write(NEW, out), lambda out: write(NEW, out), [NEW]) != []


def test_many_first_writers_in_processes(tmp_path):
    (tmp_path / "cells.py").write_text(cells("Mine"))
    command = [sys.executable, "-m", "lstmspec", "generate", "cells.py"]
    runs = [subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for run in runs:
        _, said = run.communicate()
        assert run.returncode == 0, said
    assert generate(tmp_path / "cells.py", "--out", tmp_path / "generated", "--check").exit_code == 0
    assert strays(tmp_path) == []


# -- killed runs -------------------------------------------------------------------------------------------------------

KILLED = """
import os, pathlib, signal, sys, time
from writing import package, strays, texts
from test_generate_at_once import NEW, OLD, stopping, write

def killed(at, place, told):
    def stop():
        os.write(told, b"!")
        time.sleep(0.01)  # the other run has begun
        os.kill(os.getpid(), signal.SIGKILL)
    with stopping(at, stop):
        write(NEW, place)
    os._exit(0)

kills, at = 0, 0
while True:
    at += 1
    for before in (None, OLD):
        place = pathlib.Path(sys.argv[1], f"{at}{before is None}")
        if before is not None:
            write(before, place)
        heard, told = os.pipe()
        child = os.fork()
        if not child:
            killed(at, place, told)
        os.close(told)
        waiting = os.read(heard, 1)
        old = dict(before.files) if before is not None else {}
        if at % 2:  # write when it is dead, or while it dies
            status = os.waitpid(child, 0)[1]
            left = texts(place) if place.exists() else {}
            for name, text in left.items():
                hidden = pathlib.Path(name).name.startswith(".")
                assert hidden or text in (old.get(name), NEW.files[name]), (at, name)
        else:
            write(NEW, place)
            status = os.waitpid(child, 0)[1]
        os.close(heard)
        write(NEW, place)
        assert status == (signal.SIGKILL if waiting else 0), (at, status)
        assert texts(place) == dict(NEW.files), (at, texts(place).keys())
        kills += bool(waiting)
    if not waiting:
        break
print(kills)
"""


def test_a_run_that_is_killed_at_any_step_does_no_harm(tmp_path):
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{ROOT / 'scripts'}"}
    command = [sys.executable, "-c", KILLED, tmp_path]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50


# -- locks -------------------------------------------------------------------------------------------------------------


def test_a_lock_that_is_never_given_up_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("cells.py").write_text(cells("Mine"))
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    Path("generated").mkdir()
    with Path("generated", lock.NAME).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = generate("cells.py")
        assert done.exit_code == 2 and "another run has been writing there" in done.stderr
        assert texts("generated") == {lock.NAME: ""}
    assert generate("cells.py").exit_code == 0
    assert strays(".") == []


def test_a_lock_that_a_killed_run_left_holds_nobody_up(tmp_path):
    (tmp_path / lock.NAME).touch()
    write(NEW, tmp_path)
    assert texts(tmp_path) == dict(NEW.files)


def test_a_symlink_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / lock.NAME).symlink_to("theirs")
    with pytest.raises(OSError, match="symbolic link"):
        write(NEW, tmp_path)
    assert os.listdir(tmp_path) == [lock.NAME]


def test_where_the_file_system_cannot_lock_nothing_of_another_run_is_removed(tmp_path, monkeypatch):
    def flock(handle, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    theirs = tmp_path / ".lstmspec-0123456789abcdef.tmp"
    theirs.touch()
    write(NEW, tmp_path)
    assert strays(tmp_path) == [theirs]
    assert not compare(NEW, tmp_path).changed
    monkeypatch.undo()
    write(NEW, tmp_path)
    assert strays(tmp_path) == []
