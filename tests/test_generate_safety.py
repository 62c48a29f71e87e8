"""What `lstmspec generate` never does to files that it did not write, or that were edited since."""

import contextlib
import os
import socket
import stat
from pathlib import Path

import pytest
from writing import SPEC, cells, generate, package, picture, strays, texts

from lstmspec.emit import Refused, compare, write
from lstmspec.emit._header import headed, header_of
from lstmspec.emit._survey import LARGEST

BODY = '"""One."""\n\nx = 1\n\ny = 2  # why\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What `lstmspec generate` makes of one cell."""
    place = tmp_path_factory.mktemp("made")
    (place / "cells.py").write_text(cells("Mine"))
    assert generate(place / "cells.py", "--out", place / "models").exit_code == 0
    return texts(place / "models")


@pytest.fixture
def models(tmp_path, made):
    """A user's file and the folder generated from it."""
    (tmp_path / "cells.py").write_text(cells("Mine"))
    for path, text in made.items():
        (tmp_path / "models" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "models" / path).write_text(text)
    return tmp_path / "models"


def run(models, *flags):
    return generate(models.parent / "cells.py", "--out", models, *flags)


# -- the header --------------------------------------------------------------------------------------------------------

SAME = {
    "as it is": lambda text: text,
    "line endings": lambda text: text.replace("\n", "\r\n"),
    "some line endings": lambda text: text.replace("1\n", "1\r\n"),
    "byte order mark": lambda text: f"\ufeff{text}",
    "both": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "blanks at the ends": lambda text: text.replace("= 1", "= 1  \t"),
    "no newline at the end": lambda text: text.rstrip("\n"),
    "blank lines at the end": lambda text: f"{text}\n  \n",
}
OTHER = {
    "a character": lambda text: text.replace("= 1", "= 3"),
    "a comment": lambda text: text.replace("# why", "# how"),
    "a docstring": lambda text: text.replace("One", "Two"),
    "a line more": lambda text: f"{text}z = 3\n",
    "a line less": lambda text: text.replace("x = 1\n", ""),
    "a blank line less": lambda text: text.replace("x = 1\n\n", "x = 1\n"),
    "indented": lambda text: text.replace("x = 1", " x = 1"),
    "cut off": lambda text: text[:-12],
    "another digest": lambda text: text.replace("body ", "body 0", 1)[: text.index("\n")] + text[text.index("\n") :],
    "no digest": lambda text: text.replace(text.splitlines(keepends=True)[1], ""),
    "nothing below": lambda text: "".join(text.splitlines(keepends=True)[:2]),
}
NONE = {
    "nothing": lambda text: "",
    "no header": lambda text: BODY,
    "a line above": lambda text: f"# mine\n{text}",
    "a quotation": lambda text: text.replace("# Generated", '"""Generated'),
    "another program": lambda text: text.replace("lstmspec", "protoc"),
}


@pytest.mark.parametrize("comment", ["#", "//"])
@pytest.mark.parametrize("spec", ["", SPEC])
@pytest.mark.parametrize("change", SAME)
def test_a_header_fits(change, spec, comment):
    header = header_of(SAME[change](headed(BODY, spec, comment)))
    assert header is not None and header.spec == spec and header.intact


@pytest.mark.parametrize("spec", ["", SPEC])
@pytest.mark.parametrize("change", [name for name in OTHER if name != "another digest"])
def test_a_header_does_not_fit(change, spec):
    header = header_of(OTHER[change](headed(BODY, spec)))
    assert header is not None and not header.intact


def test_a_header_with_another_digest_does_not_fit():
    lines = headed(BODY, SPEC).splitlines(keepends=True)
    lines[1] = f"# spec {SPEC}  body {SPEC}\n"
    assert header_of("".join(lines)).intact is False


@pytest.mark.parametrize("change", NONE)
def test_a_text_without_header(change):
    assert header_of(NONE[change](headed(BODY))) is None


# -- what is refused ---------------------------------------------------------------------------------------------------


def put(path, text="mine = True\n"):
    def do(models):
        (models / path).parent.mkdir(parents=True, exist_ok=True)
        (models / path).unlink(missing_ok=True)
        (models / path).write_bytes(text.encode() if isinstance(text, str) else text)

    return do


def edited(path, change):
    def do(models):
        (models / path).write_text(change((models / path).read_text()))

    return do


def linked(path, to):
    def do(models):
        (models.parent / "theirs.py").write_text("theirs = True\n")
        (models.parent / "folder").mkdir()
        (models / path).unlink()
        (models / path).symlink_to(to)

    return do


def special(path, kind):
    def do(models):
        (models / path).unlink()
        if kind == "socket":
            with contextlib.chdir((models / path).parent), socket.socket(socket.AF_UNIX) as server:
                server.bind(Path(path).name)
        else:
            os.mkfifo(models / path)

    return do


def sparse(models):
    with (models / "mine/numpy.py").open("r+b") as stream:
        stream.truncate(LARGEST + 1)


REFUSED = {
    "a package's own": ("__init__.py", put("__init__.py"), "no header"),
    "a module of theirs": ("_checks.py", put("_checks.py"), "no header"),
    "a model of theirs": ("mine/numpy.py", put("mine/numpy.py"), "no header"),
    "a cell's package of theirs": ("mine/__init__.py", put("mine/__init__.py", "from .numpy import *\n"), "no header"),
    "their own record": ("_sources.toml", put("_sources.toml", "a = 1\n"), "no header"),
    "bytes": ("mine/torch.py", put("mine/torch.py", b"\xff\xfe\x00x"), "no header"),
    "another encoding": ("mine/torch.py", put("mine/torch.py", headed(BODY).encode("utf-16")), "no header"),
    "far too large": ("mine/numpy.py", sparse, "too large"),
    "a licence above": ("mine/torch.py", edited("mine/torch.py", lambda text: f"# (c) me\n{text}"), "no header"),
    "an edited line": ("mine/torch.py", edited("mine/torch.py", lambda text: text.replace("tanh", "relu")), "digest"),
    "an edited docstring": (
        "mine/numpy.py",
        edited("mine/numpy.py", lambda text: text.replace("small", "big")),
        "digest",
    ),
    "an edited package": ("__init__.py", edited("__init__.py", lambda text: f"{text}VERSION = 1\n"), "digest"),
    "an edited header": ("mine/torch.py", edited("mine/torch.py", OTHER["no digest"]), "digest"),
    "reformatted": ("mine/torch.py", edited("mine/torch.py", lambda text: text.replace("\n\n\n", "\n\n")), "digest"),
    "a symlink": ("mine/numpy.py", linked("mine/numpy.py", "../../theirs.py"), "leads to ../../theirs.py"),
    "a symlink to nothing": ("mine/numpy.py", linked("mine/numpy.py", "nowhere.py"), "leads to nowhere.py"),
    "a symlink to itself": ("__init__.py", linked("__init__.py", "__init__.py"), "leads to __init__.py"),
    "a symlink to a folder": ("_checks.py", linked("_checks.py", "../folder"), "leads to ../folder"),
    "a FIFO": ("mine/torch.py", special("mine/torch.py", "fifo"), "no regular file"),
    "a socket": ("mine/torch.py", special("mine/torch.py", "socket"), "no regular file"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_be_lost_is_refused(what, models):
    path, do, reason = REFUSED[what]
    do(models)
    before = picture(models.parent)
    done = run(models)
    assert done.exit_code == 1
    (named,) = [line for line in done.stderr.splitlines() if line.startswith(f"  {models / path}: ")]
    assert reason in named and "--force" in done.stderr and "nothing was written" in done.stderr
    assert picture(models.parent) == before
    checked = run(models, "--check")
    assert checked.exit_code == 1 and path in checked.stderr and "--force" in checked.stderr
    assert picture(models.parent) == before


@pytest.mark.parametrize("what", REFUSED)
def test_force_replaces_it_and_nothing_else(what, models, made):
    path, do, _ = REFUSED[what]
    do(models)
    before = picture(models.parent)
    done = run(models, "--force")
    assert done.exit_code == 0 and "1 written" in done.stdout
    after = picture(models.parent)
    assert {name for name in after if after[name] != before.get(name)} == {f"models/{path}"}
    assert texts(models) == made and not (models / path).is_symlink()
    assert run(models, "--check").exit_code == 0


def test_all_that_stands_in_the_way_is_named(models):
    names = ["__init__.py", "_checks.py", "mine/__init__.py", "mine/numpy.py", "mine/torch.py"]
    for name in names:
        put(name)(models)
    done = run(models)
    assert done.exit_code == 1
    assert [line.split(": ")[0].strip() for line in done.stderr.splitlines() if line.startswith("  ")] == [
        str(models / name) for name in names
    ]


def test_one_edited_file_keeps_a_stale_one_from_being_written(models):
    put("mine/numpy.py", headed("# of an older version\n", SPEC))(models)
    put("mine/torch.py")(models)
    before = picture(models)
    assert run(models).exit_code == 1
    assert picture(models) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser reads everything")
def test_an_unreadable_file_is_refused(models):
    (models / "mine/numpy.py").chmod(0)
    done = run(models)
    assert done.exit_code == 1 and "unreadable: Permission denied" in done.stderr
    assert run(models, "--force").exit_code == 0


def test_a_file_that_the_system_does_not_give_is_refused(models, monkeypatch):
    real = Path.read_bytes

    def read(path):
        if path == models / "mine/numpy.py":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    before = picture(models)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", read)
        done = run(models)
    assert done.exit_code == 1 and "numpy.py: unreadable: Permission denied" in done.stderr
    assert picture(models) == before


# -- what no option replaces -------------------------------------------------------------------------------------------


def folder_for_file(models):
    (models / "mine/numpy.py").unlink()
    (models / "mine/numpy.py").mkdir()
    (models / "mine/numpy.py" / "notes").write_text("mine")


def file_for_folder(models):
    for path in (models / "mine").iterdir():
        path.unlink()
    (models / "mine").rmdir()
    (models / "mine").write_text("mine")


def link_for_folder(models):
    file_for_folder(models)
    (models / "mine").unlink()
    (models / "mine").symlink_to("nowhere")


@pytest.mark.parametrize("do", [folder_for_file, file_for_folder, link_for_folder])
@pytest.mark.parametrize("flags", [(), ("--force",), ("--force", "--prune")])
def test_a_folder_is_never_replaced_by_a_file_nor_a_file_by_a_folder(do, flags, models):
    do(models)
    before = picture(models)
    done = run(models, *flags)
    assert done.exit_code == 2 and "move away" in done.stderr and str(models / "mine") in done.stderr
    assert picture(models) == before
    assert run(models, "--check").exit_code == 1


# -- what would be hidden ----------------------------------------------------------------------------------------------


def test_a_module_is_not_hidden_by_the_folder_of_a_cell(tmp_path):
    (tmp_path / "mine.py").write_text(cells("Mine"))
    done = generate(tmp_path / "mine.py", "--out", tmp_path)
    assert done.exit_code == 1 and "`import mine` would not give mine.py" in done.stderr
    assert os.listdir(tmp_path) == ["mine.py"]
    assert generate(tmp_path / "mine.py", "--out", tmp_path, "--force").exit_code == 0
    assert generate(tmp_path / "mine.py", "--out", tmp_path).exit_code == 0  # asked once


def test_a_package_does_not_hide_a_generated_module(tmp_path):
    (tmp_path / "_checks").mkdir()
    (tmp_path / "_checks" / "__init__.py").touch()
    with pytest.raises(Refused, match=r"_checks.py: would hide a module: the package _checks beside it"):
        write(package("one"), tmp_path)


@pytest.mark.parametrize("sign", [".git", "pyproject.toml", "setup.py"])
def test_the_root_of_a_project_is_not_made_a_package(sign, tmp_path):
    (tmp_path / sign).touch()
    with pytest.raises(Refused, match=f"has a {sign}"):
        write(package("one"), tmp_path)
    assert os.listdir(tmp_path) == [sign]
    write(package("one"), tmp_path, force=True)
    write(package("one", text="x = 2\n"), tmp_path)
    assert not compare(package("one", text="x = 2\n"), tmp_path).changed


# -- what is replaced without a word -----------------------------------------------------------------------------------

HARMLESS = {
    "an empty package": ("__init__.py", put("__init__.py", "")),
    "a blank one": ("mine/__init__.py", put("mine/__init__.py", " \r\n\n")),
    "an older version": ("mine/numpy.py", put("mine/numpy.py", headed("# older\n", SPEC))),
    "of another cell": ("mine/torch.py", put("mine/torch.py", headed("# other\n", "0" * 16))),
    "without newline": ("mine/torch.py", edited("mine/torch.py", lambda text: text.rstrip("\n"))),
    "blanks": ("mine/torch.py", edited("mine/torch.py", lambda text: text.replace("\n", "  \n"))),
    "byte order mark": ("mine/torch.py", edited("mine/torch.py", lambda text: f"\ufeff{text}")),
    "missing": ("mine/torch.py", lambda models: (models / "mine/torch.py").unlink()),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_loses_nothing_is_replaced(what, models, made):
    path, do = HARMLESS[what]
    do(models)
    checked = run(models, "--check")
    assert checked.exit_code == 1 and path in checked.stderr and "--force" not in checked.stderr
    done = run(models)
    assert done.exit_code == 0 and "1 written" in done.stdout
    assert texts(models) == made


def test_line_endings_of_version_control_are_no_edit(models):
    for path in models.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = picture(models)
    assert run(models, "--check").exit_code == 0
    assert run(models).exit_code == 0
    assert picture(models) == before
    (models / "mine/torch.py").write_bytes(headed("# older\n", SPEC).replace("\n", "\r\n").encode())
    checked = run(models, "--check")
    assert checked.exit_code == 1 and "\\r" not in checked.stdout and "-# older\n" in checked.stdout
    assert run(models).exit_code == 0


def test_a_symlink_to_the_right_text_is_left(models):
    (models / "mine/numpy.py").rename(models.parent / "kept.py")
    (models / "mine/numpy.py").symlink_to("../../kept.py")
    before = picture(models)
    assert run(models, "--check").exit_code == 0
    assert run(models).exit_code == 0
    assert picture(models) == before


def test_files_of_theirs_beside_the_models_are_not_touched(models, made):
    theirs = ["train.py", "data/set.npz", "mine/helpers.py", "mine/.hidden", ".numpy.py.abcd1234.tmp", "mine/x.tmp"]
    for name in theirs:
        put(name)(models)
    put("mine/numpy.py", headed("# older\n", SPEC))(models)
    before = {name: picture(models)[name] for name in theirs}
    assert run(models, "--prune").exit_code == 0
    assert {name: picture(models)[name] for name in theirs} == before
    assert {name: text for name, text in texts(models).items() if name not in theirs} == made
    assert run(models, "--check").exit_code == 0


def test_a_linked_folder_is_a_folder(models, made):
    (models / "mine").rename(models.parent / "elsewhere")
    (models / "mine").symlink_to("../elsewhere")
    (models.parent / "elsewhere" / "numpy.py").unlink()
    assert run(models).exit_code == 0
    assert (models / "mine").is_symlink() and (models.parent / "elsewhere" / "numpy.py").read_text() == made[
        "mine/numpy.py"
    ]


# -- permissions -------------------------------------------------------------------------------------------------------


def modes(place):
    return {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("mask", "mode", "folder"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700), (0o002, 0o664, 0o775)]
)
def test_new_files_follow_the_umask(mask, mode, folder, tmp_path):
    before = os.umask(mask)
    try:
        write(package("one"), tmp_path / "out")
    finally:
        os.umask(before)
    assert modes(tmp_path / "out") == {mode}
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("out", "out/one")} == {folder}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_a_replaced_file_keeps_its_permissions(mode, tmp_path):
    write(package("one"), tmp_path)
    (tmp_path / "one/numpy.py").chmod(mode)
    write(package("one", text="x = 2\n"), tmp_path)
    assert stat.S_IMODE((tmp_path / "one/numpy.py").stat().st_mode) == mode


# -- an edit in the middle of a run ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["__init__.py", "one/numpy.py"])
def test_an_edit_of_the_last_moment_is_kept(path, tmp_path, monkeypatch):
    write(package("one"), tmp_path)
    before = texts(tmp_path)
    real = os.fdopen

    def fdopen(*arguments, **options):
        (tmp_path / path).write_text("saved just now\n")
        return real(*arguments, **options)

    monkeypatch.setattr(os, "fdopen", fdopen)
    with pytest.raises(Refused, match="it changed just now"):
        write(package("one", text="x = 2\n"), tmp_path)
    assert texts(tmp_path) == before | {path: "saved just now\n"}
    assert strays(tmp_path) == []
