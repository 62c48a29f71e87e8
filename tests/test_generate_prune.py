"""What `--prune` removes of models of cells that are gone, and what it keeps."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from writing import SPEC, cells, generate, package, picture, sources, strays, texts

from lstmspec.emit import Sources, _write, compare, difference, write
from lstmspec.emit._generate import RUNTIME
from lstmspec.emit._header import headed
from lstmspec.emit._sources import SOURCES, recorded

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a working directory of its own."""
    monkeypatch.chdir(tmp_path)


def declare(path, *names):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(cells(*names))
    os.utime(path, (1, 1))  # a cache of the interpreter must not hide the change


def done(*arguments):
    """A run that has nothing to say against it."""
    run = generate(*arguments)
    assert run.exit_code == 0, run.output
    return run


def left_over(*arguments):
    """The names that `--check` and a run report, which are the same; a check of them fails, a run does not."""
    checked = generate(*arguments, "--check")
    found = [line.split(": ", 1)[1] for line in checked.stdout.splitlines() if line.startswith("Only in ")]
    before = picture(".")
    said = [line for line in done(*arguments).stdout.splitlines() if line.startswith("left over: ")]
    assert [line.split(": ")[1].partition("/")[2] for line in said] == found
    assert (" left over: " in checked.stderr) is bool(found) and checked.exit_code == (1 if found else 0)
    assert ("--prune" in checked.stderr) is bool(found)
    assert picture(".") == before
    return found


# -- what is removed, and what is kept ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """The folder of two cells, of which one is about to be deleted."""
    write(package("one", "two"), tmp_path / "out", sources("one", "two"))
    return tmp_path / "out"


def prune(folder, **options):
    return write(package("two"), folder, sources("two", **options), prune=True)


def test_caches_of_the_interpreter_go_with_it(folder):
    cache = folder / "one" / "__pycache__"
    cache.mkdir()
    for name in ("numpy.cpython-311.pyc", "numpy.cpython-312.opt-1.pyc", "__init__.cpython-311.pyc"):
        (cache / name).touch()
    (folder / "one" / ".lstmspec-0123456789abcdef.tmp").touch()
    (leftover,) = prune(folder).removed
    assert leftover.kept == {} and not (folder / "one").exists()


THEIRS = {
    "notes": "notes.md",
    "a module": "mine.py",
    "a model of another backend": "jax.py",
    "a cache of theirs": "__pycache__/mine.cpython-311.pyc",
    "a hidden file": ".keep",
    "a folder": "data/set.npz",
}


@pytest.mark.parametrize("what", THEIRS)
def test_what_is_theirs_is_named_and_kept(what, folder):
    path = folder / "one" / THEIRS[what]
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    (leftover,) = prune(folder).removed
    assert leftover.files == ("one/numpy.py", "one/__init__.py"), "the one by which it is known goes last"
    name = "data" if what == "a folder" else THEIRS[what]
    assert leftover.kept == {f"one/{name}": "not written by lstmspec"}
    assert [p.relative_to(folder / "one").as_posix() for p in (folder / "one").rglob("*") if p.is_file()] == [
        THEIRS[what]
    ]
    assert compare(package("two"), folder, sources("two")).clean


def test_a_copy_of_a_model_is_named_and_kept(folder):
    """It is as it was generated, and yet the user's: it has a name that they gave it."""
    (folder / "one/numpy_v1.py").write_bytes((folder / "one/numpy.py").read_bytes())
    (leftover,) = prune(folder).removed
    assert leftover.kept == {"one/numpy_v1.py": "not written by lstmspec"}
    assert os.listdir(folder / "one") == ["numpy_v1.py"]


@pytest.mark.parametrize("name", ["numpy.py", "__init__.py"])
def test_an_edited_model_is_named_and_kept(name, folder):
    with (folder / "one" / name).open("a") as stream:
        stream.write("y = 2\n")
    (leftover,) = prune(folder).removed
    assert leftover.kept == {f"one/{name}": "edited since it was generated"}
    assert os.listdir(folder / "one") == [name]
    assert compare(package("two"), folder, sources("two")).clean


def test_it_is_said_which_files_are_kept():
    declare("cells.py", "One", "Two")
    done("cells.py")
    declare("cells.py", "Two")
    Path("generated/one/new\nline").write_text("mine")
    run = done("cells.py", "--prune")
    assert "kept: generated/one/new\\nline: not written by lstmspec" in run.stdout.splitlines()


def test_links_are_not_followed(folder, tmp_path):
    write(package("three"), tmp_path / "elsewhere", sources("three"))
    (folder / "three").symlink_to("../elsewhere/three")
    (folder / "one" / "more").symlink_to("../../elsewhere/three")
    (folder / "one" / "numpy2.py").symlink_to("numpy.py")
    before = texts(tmp_path / "elsewhere")
    (leftover,) = prune(folder).removed
    assert leftover.kept.keys() == {"one/more", "one/numpy2.py", "one/numpy.py"}
    assert (folder / "three").is_symlink() and texts(tmp_path / "elsewhere") == before


def test_another_package_of_models_is_no_leftover(folder):
    write(package("one"), folder / "more", sources("one"))
    before = texts(folder / "more")
    assert [leftover.path for leftover in prune(folder).removed] == ["one"]
    assert texts(folder / "more") == before


def test_nothing_is_removed_where_something_is_refused():
    declare("cells.py", "One", "Two")
    done("cells.py")
    declare("cells.py", "Two")
    Path("generated/two/numpy.py").write_text("mine = True\n")
    before = picture("generated")
    assert generate("cells.py", "--prune").exit_code == 1
    assert picture("generated") == before
    assert "mend it: lstmspec generate cells.py --force --prune" in generate("cells.py", "--check").stderr


def test_an_edit_of_the_last_moment_is_kept(folder, monkeypatch):
    real = _write.remove

    def remove(*arguments):
        (folder / "one/numpy.py").write_text("saved just now\n")
        return real(*arguments)

    monkeypatch.setattr(_write, "remove", remove)
    prune(folder)
    assert texts(folder / "one") == {"numpy.py": "saved just now\n"}


@pytest.mark.parametrize("survivors", [1, 2])
def test_a_run_that_is_killed_can_be_done_again(survivors, folder, monkeypatch):
    real, gone = Path.unlink, []

    def unlink(path, **options):
        if path.suffix == ".py":
            if len(gone) == 2 - survivors:
                raise KeyboardInterrupt
            gone.append(path)
        return real(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", unlink)
        with pytest.raises(KeyboardInterrupt):
            prune(folder)
    assert (folder / "one/__init__.py").exists() and recorded(folder).keys() == {"one", "two"}
    assert [leftover.path for leftover in compare(package("two"), folder, sources("two")).left] == ["one"]
    assert prune(folder).removed and not (folder / "one").exists() and recorded(folder).keys() == {"two"}
    assert compare(package("two"), folder, sources("two")).clean and strays(folder) == []


def test_a_run_that_is_killed_before_the_record_is_written_can_be_done_again(folder):
    before = (folder / SOURCES).read_text()
    prune(folder)
    (folder / SOURCES).write_text(before)
    assert [one.path for one in compare(package("two"), folder, sources("two")).changed] == [SOURCES]
    prune(folder)
    assert recorded(folder).keys() == {"two"}


KILL = """
import os, signal, sys
from pathlib import Path
from writing import package, sources
from lstmspec.emit import write
name, at, calls = sys.argv[1], int(sys.argv[2]), []
real = getattr(os, name)
def call(*arguments, **options):
    calls.append(name)
    if len(calls) == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
setattr(os, name, call)
write(package("two"), Path(sys.argv[3]), sources("two"), prune=True)
"""


@pytest.mark.parametrize(("name", "at"), [*(("unlink", at) for at in (1, 2, 3, 4)), ("rmdir", 1), ("rmdir", 2)])
def test_wherever_a_run_is_killed_a_later_one_does_the_rest(name, at, folder):
    (folder / "one/__pycache__").mkdir()
    for module in ("numpy", "__init__"):
        (folder / f"one/__pycache__/{module}.cpython-311.pyc").touch()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run([sys.executable, "-c", KILL, name, str(at), folder], env=env, check=False)
    assert done.returncode == -signal.SIGKILL and recorded(folder).keys() == {"one", "two"}
    found = compare(package("two"), folder, sources("two"))
    assert [(leftover.path, leftover.kept) for leftover in found.left] == [("one", {})]
    prune(folder)
    assert sorted(os.listdir(folder)) == ["__init__.py", RUNTIME, SOURCES, "two"]
    assert recorded(folder).keys() == {"two"}


LINKS = {
    "mine": "one",
    "two/extra.py": "../one/numpy.py",
    "two/mine": "../one",
    "deep/er/mine.py": "../../one/numpy.py",
    "one/again.py": "numpy.py",
}


@pytest.mark.parametrize("link", LINKS)
def test_what_a_symlink_needs_is_kept(link, folder):
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    before = texts(folder / "one")
    (folder / link).symlink_to(LINKS[link])
    (leftover,) = prune(folder).removed
    needed = {"numpy.py"} if link.endswith(".py") else set(before)
    kept = {path: why for path, why in leftover.kept.items() if path != link}
    assert kept == {f"one/{name}": f"{link} leads to it" for name in needed}
    assert (folder / link).exists() and texts(folder / "one").items() >= {name: before[name] for name in needed}.items()


def test_what_is_kept_whole_is_not_said_to_be_removed():
    declare("cells.py", "One", "Two")
    done("cells.py")
    declare("cells.py", "Two")
    Path("generated/new\nline").symlink_to("one")
    said = done("cells.py", "--prune").stdout
    assert "kept: generated/one/numpy.py: new\\nline leads to it\n" in said and "removed" not in said


@pytest.mark.parametrize("target", ["..", ".", "loop", "nowhere"])
def test_a_symlink_that_leads_elsewhere_needs_nothing(target, folder):
    (folder / "loop").symlink_to(target)
    (leftover,) = prune(folder).removed
    assert leftover.kept == {} and not (folder / "one").exists()


def test_a_single_file_that_a_symlink_needs_is_kept(folder):
    (folder / "_old.py").write_text(headed("x = 1\n", SPEC))
    (folder / "two/now.py").symlink_to("../_old.py")
    assert [leftover.path for leftover in prune(folder).removed] == ["one"] and (folder / "two/now.py").exists()


def test_nothing_is_removed_behind_the_symlink_of_a_cell(folder, tmp_path):
    (folder / "two").rename(tmp_path / "theirs")
    (folder / "two").symlink_to("../theirs")
    (tmp_path / "theirs/_old.py").write_text(headed("x = 1\n", SPEC))
    prune(folder)
    assert (tmp_path / "theirs/_old.py").exists()


def test_files_that_are_not_generated_any_more(folder):
    """Of the files in a cell's folder those that a backend writes: a copy under another name is the user's."""
    for name in ("_old.py", "two/torch.py", "two/numpy_v1.py"):
        (folder / name).write_text(headed("x = 1\n", SPEC))
    (folder / "two/_edited.py").write_text(headed("x = 1\n", SPEC) + "y = 2\n")
    found = compare(package("one", "two"), folder, sources("one", "two"))
    assert [leftover.path for leftover in found.left] == ["_old.py", "two/torch.py"]
    assert difference(found, folder) == "Only in out: _old.py\nOnly in out: two/torch.py\n"
    some = Sources({"One": "../cells.py", "Two": "../cells.py"}, lambda name: True, complete=False)
    assert compare(package("one", "two"), folder, some).clean
    write(package("one", "two"), folder, sources("one", "two"), prune=True)
    assert compare(package("one", "two"), folder, sources("one", "two")).clean
    assert (folder / "two/_edited.py").exists() and (folder / "two/numpy_v1.py").exists()
    assert not (folder / "_old.py").exists()


def test_the_modules_of_a_runtime_that_is_gone(folder):
    """A version that has another runtime leaves none of the modules that it does not write any more."""
    for name in ("_checks.py", f"{RUNTIME}/_old.py"):
        (folder / name).write_text(headed("x = 1\n"))
    (folder / RUNTIME / "_mine.py").write_text("x = 1\n")
    found = compare(package("one", "two"), folder, sources("one", "two"))
    assert [leftover.path for leftover in found.left] == ["_checks.py", f"{RUNTIME}/_old.py"]
    write(package("one", "two"), folder, sources("one", "two"), prune=True)
    assert sorted(texts(folder / RUNTIME)) == ["_mine.py", "checks.py"] and not (folder / "_checks.py").exists()


def test_without_sources_nothing_is_known(folder):
    (folder / SOURCES).unlink()
    assert compare(package("two"), folder).clean
    assert write(package("two"), folder, prune=True).removed == ()
    assert not (folder / SOURCES).exists() and strays(folder) == []
