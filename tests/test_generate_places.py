"""`lstmspec generate` into every kind of place, and runs that end in the middle: all or nothing, and a clear word."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from writing import cells, generate, package, picture, strays

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
    Path("generated/_runtime/checks.py").write_text(headed("# older\n"))
    Path("generated/mine/numpy.py").unlink()
    with Path("generated/mine/torch.py").open("a") as stream:
        stream.write("mine = True\n")
    before = picture(".")
    done = generate(spec, "--check")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "generated: 1 file missing: mine/numpy.py",
        "generated: 1 file stale: _runtime/checks.py",
        "generated: 1 file edited since it was generated: mine/torch.py",
        "generated: 1 file not generated: __init__.py",
        "mend it: lstmspec generate cells.py --force",
    ]
    assert [line for line in done.stdout.splitlines() if line[:4] in ("--- ", "+++ ")] == [
        *("--- generated/__init__.py", "+++ generated/__init__.py"),
        *("--- generated/_runtime/checks.py", "+++ generated/_runtime/checks.py"),
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
