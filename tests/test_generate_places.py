"""`lstmspec generate` into every kind of place, and runs that end in the middle: all or nothing, and a clear word."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from writing import cells, generate, package, picture, strays, texts

from lstmspec.emit import compare, difference, write
from lstmspec.emit._header import headed


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A user's file, in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.py").write_text(cells("Mine"))
    return Path("cells.py")


# -- places that will do -----------------------------------------------------------------------------------------------

FINE = [
    "models",
    "a/b/c",
    "./models/",
    "a/../b",
    "mit Leerzeichen",
    "时间",
    "new\nline",
    "-n",
    "mine",
    "x.py",
    "\x1b[31m",
]


@pytest.mark.parametrize("out", FINE)
def test_any_folder_will_do(out, spec):
    if ".." in out:
        Path("a").mkdir()
    arguments = (spec, f"--out={out}")
    assert generate(*arguments).exit_code == 0
    checked = generate(*arguments, "--check")
    assert checked.exit_code == 0
    assert strays(".") == []
    Path(out, "__init__.py").write_text("mine = True\n")
    for flags in ((), ("--check",)):
        done = generate(*arguments, *flags)
        assert done.exit_code == 1
        for line in (done.stdout + done.stderr).splitlines():  # a name starts no line of its own, and obeys no terminal
            assert not line.startswith("line") and "\x1b" not in line


def test_the_working_directory_will_do(spec, monkeypatch):
    Path("here").mkdir()
    monkeypatch.chdir("here")
    assert generate("../cells.py", "--out", ".").exit_code == 0
    (Path("mine") / "numpy.py").unlink()
    checked = generate("../cells.py", "--out", ".", "--check")
    assert checked.exit_code == 1 and "+++ here/mine/numpy.py\n" in checked.stdout


def test_a_symlink_to_a_folder_will_do(spec):
    Path("real").mkdir()
    Path("link").symlink_to("real")
    assert generate(spec, "--out", "link").exit_code == 0
    assert Path("link").is_symlink() and Path("real/mine/torch.py").exists()
    assert generate(spec, "--out", "real", "--check").exit_code == 0


def test_a_part_of_their_package_will_do(spec, tmp_path):
    home = tmp_path / "src" / "pkg"
    (home / "models").mkdir(parents=True)
    theirs = {"__init__.py": "", "models/train.py": "from .mine.numpy import init\n", "cells.py": cells("Mine")}
    for name, text in theirs.items():
        (home / name).write_text(text)
    arguments = ("src/pkg/cells.py", "--out", "src/pkg/models")
    assert generate(*arguments).exit_code == 0
    assert {name: (home / name).read_text() for name in theirs} == theirs
    command = [sys.executable, "-c", "import pkg.models.train, pkg.models.mine.numpy; print('ran')"]
    done = subprocess.run(command, cwd="src", capture_output=True, text=True, check=False)
    assert done.stdout == "ran\n", done.stderr
    assert generate(*arguments, "--check", "--prune").exit_code == 0  # caches of the interpreter are no findings


# -- places that will not ----------------------------------------------------------------------------------------------


def a_file():
    Path("file").write_text("theirs")
    return "file"


def below_a_file():
    return f"{a_file()}/models"


def deep_below_a_file():
    return f"{a_file()}/a/b"


def a_symlink_to_nothing():
    Path("link").symlink_to("nowhere")
    return "link"


def below_a_symlink_to_nothing():
    return f"{a_symlink_to_nothing()}/models"


def a_symlink_to_itself():
    Path("link").symlink_to("link")
    return "link"


def a_symlink_to_a_file():
    Path("link").symlink_to(a_file())
    return "link"


def a_fifo():
    os.mkfifo("fifo")
    return "fifo"


def the_root():
    return "/"


def the_root_by_another_name():
    Path("top").symlink_to("/")
    return "top"


def nothing():
    return ""


def a_null_byte():
    return "a\0b"


def too_long():
    return "a" * 300


WRONG = [
    a_file,
    below_a_file,
    deep_below_a_file,
    a_symlink_to_nothing,
    below_a_symlink_to_nothing,
    a_symlink_to_itself,
    a_symlink_to_a_file,
    a_fifo,
    the_root,
    the_root_by_another_name,
    nothing,
    a_null_byte,
    too_long,
]


@pytest.mark.parametrize("flags", [(), ("--check",), ("--force", "--prune")])
@pytest.mark.parametrize("place", WRONG)
def test_a_place_that_will_not_do_is_named(place, flags, spec):
    out = place()
    before = picture(".")
    done = generate(spec, "--out", out, *flags)
    assert done.exit_code == 2
    (line,) = [line for line in done.stderr.splitlines() if line.lower().startswith("error: ")]
    assert out[:200].replace("\0", "\\x00") in line
    assert picture(".") == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser writes everywhere")
def test_a_read_only_folder_is_named(spec):
    Path("models").mkdir(mode=0o555)
    done = generate(spec, "--out", "models")
    assert done.exit_code == 2 and "models cannot be written: " in done.stderr and "Permission denied" in done.stderr


def test_a_read_only_folder_that_is_as_it_should_be_is_no_fault(spec, monkeypatch):
    assert generate(spec, "--out", "models").exit_code == 0

    Path("models/.lstmspec-0123456789abcdef.tmp").touch()  # of a run that was killed

    real = os.open

    def refusing(path, flags, *rest, **options):
        if "models" in str(path) and flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refusing)
    assert generate(spec, "--out", "models").exit_code == 0


# -- names of cells ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Con", "Nul", "AUX", "Prn", "Com1", "LPT9"])
def test_a_device_of_windows_is_no_cell(name, spec):
    spec.write_text(cells(name))
    done = generate(spec)
    assert done.exit_code == 1 and "LS202" in done.stderr and "device on Windows" in done.stderr
    assert not Path("generated").exists()


@pytest.mark.parametrize("name", ["Cont", "Null", "Auxiliary", "Com", "Lpt10"])
def test_what_is_only_like_a_device_is_a_cell(name, spec):
    spec.write_text(cells(name))
    assert generate(spec).exit_code == 0


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


def test_stdout_may_be_closed(spec, tmp_path):
    command = f"exec {sys.executable} -m lstmspec generate {spec} >&-"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert generate(spec, "--check").exit_code == 0


# -- what is said ------------------------------------------------------------------------------------------------------


def test_the_help_teaches():
    done = generate("--help")
    assert done.exit_code == 0
    for piece in ("--out src/pkg/models", "--check", "--force", "--prune", "cells.py:Mine", "Exits 0"):
        assert piece in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_check_has_a_line_for_each_kind_of_difference(spec):
    assert generate(spec).exit_code == 0
    Path("generated/__init__.py").write_text("mine = True\n")
    Path("generated/_checks.py").write_text(headed("# older\n"))
    Path("generated/mine/numpy.py").unlink()
    with Path("generated/mine/torch.py").open("a") as stream:
        stream.write("mine = True\n")
    before = picture(".")
    done = generate(spec, "--check")
    assert done.exit_code == 1
    assert [line for line in done.stderr.splitlines() if line != "generating"] == [
        "generated: 1 file missing: mine/numpy.py",
        "generated: 1 file stale: _checks.py",
        "generated: 1 file edited since it was generated: mine/torch.py",
        "generated: 1 file not generated: __init__.py",
        "mend it: lstmspec generate cells.py --force",
    ]
    assert [line for line in done.stdout.splitlines() if line[:4] in ("--- ", "+++ ")] == [
        *("--- generated/__init__.py", "+++ generated/__init__.py"),
        *("--- generated/_checks.py", "+++ generated/_checks.py"),
        *("--- /dev/null", "+++ generated/mine/numpy.py"),
        *("--- generated/mine/torch.py", "+++ generated/mine/torch.py"),
    ]
    assert picture(".") == before


def test_the_command_that_mends_it_can_be_pasted(spec):
    out = "it's mine"
    done = generate(spec, "--out", out, "--check")
    (command,) = [line.partition(": ")[2] for line in done.stderr.splitlines() if line.startswith("mend it: ")]
    assert (
        subprocess.run(["sh", "-c", f"{sys.executable} -m {command}"], check=False, capture_output=True).returncode == 0
    )
    assert generate(spec, "--out", out, "--check").exit_code == 0


def test_a_diff_marks_a_missing_newline(tmp_path):
    write(package("one"), tmp_path)
    (tmp_path / "one/numpy.py").write_text(package("one").files["one/numpy.py"].rstrip("\n"))
    assert "-x = 1\n\\ No newline at end of file\n+x = 1\n" in difference(compare(package("one"), tmp_path), tmp_path)
