"""What `lstmspec generate` refuses: whatever would cost something that it did not write, or that was edited since."""

import contextlib
import os
import socket
from pathlib import Path

import pytest
from writing import SPEC, again, cells, edited, generate, package, picture, put, texts

from lstmspec.emit import Refused, compare, write
from lstmspec.emit._header import headed
from lstmspec.emit._survey import LARGEST, LARGEST_OWN

BODY = '"""One."""\n\nx = 1\n\ny = 2  # why\n'


# -- what is refused ---------------------------------------------------------------------------------------------------


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
        stream.truncate(LARGEST_OWN + 1)


def without_digest(text):
    first, _, *rest = text.splitlines(keepends=True)
    return "".join([first, *rest])


CHECKS = "_runtime/checks.py"
REFUSED = {
    "a runtime of theirs": ("_runtime/__init__.py", put("_runtime/__init__.py"), "no header"),
    "a package's own": ("__init__.py", put("__init__.py"), "no header"),
    "a module of theirs": (CHECKS, put(CHECKS), "no header"),
    "a model of theirs": ("mine/numpy.py", put("mine/numpy.py"), "no header"),
    "a cell's package of theirs": ("mine/__init__.py", put("mine/__init__.py", "from .numpy import *\n"), "no header"),
    "their own record": ("_sources.toml", put("_sources.toml", "a = 1\n"), "no header"),
    "bytes": ("mine/torch.py", put("mine/torch.py", b"\xff\xfe\x00x"), "no header"),
    "another encoding": ("mine/torch.py", put("mine/torch.py", headed(BODY).encode("utf-16")), "no header"),
    "far too large": ("mine/numpy.py", sparse, "too large"),
    "a licence above": ("mine/torch.py", edited("mine/torch.py", lambda text: f"# (c) me\n{text}"), "no header"),
    "words in the header": (
        "mine/torch.py",
        edited("mine/torch.py", lambda text: text.replace("\n", " My.\n", 1)),
        "digest",
    ),
    "an edited line": ("mine/torch.py", edited("mine/torch.py", lambda text: text.replace("tanh", "relu")), "digest"),
    "an edited docstring": (
        "mine/numpy.py",
        edited("mine/numpy.py", lambda text: text.replace("small", "big")),
        "digest",
    ),
    "an edited package": ("__init__.py", edited("__init__.py", lambda text: f"{text}VERSION = 1\n"), "digest"),
    "an edited header": (
        "mine/torch.py",
        edited("mine/torch.py", without_digest),
        "digest",
    ),
    "reformatted": ("mine/torch.py", edited("mine/torch.py", lambda text: text.replace("\n\n\n", "\n\n")), "digest"),
    "a symlink": ("mine/numpy.py", linked("mine/numpy.py", "../../theirs.py"), "leads to ../../theirs.py"),
    "a symlink to nothing": ("mine/numpy.py", linked("mine/numpy.py", "nowhere.py"), "leads to nowhere.py"),
    "a symlink to itself": ("__init__.py", linked("__init__.py", "__init__.py"), "leads to __init__.py"),
    "a symlink to a folder": (
        "_runtime/checks.py",
        linked("_runtime/checks.py", "../../folder"),
        "leads to ../../folder",
    ),
    "a FIFO": ("mine/torch.py", special("mine/torch.py", "fifo"), "no regular file"),
    "a socket": ("mine/torch.py", special("mine/torch.py", "socket"), "no regular file"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_be_lost_is_refused(what, models):
    path, do, reason = REFUSED[what]
    do(models)
    before = picture(models.parent)
    done = again(models)
    assert done.exit_code == 1
    (named,) = [line for line in done.stderr.splitlines() if line.startswith(f"  {models / path}: ")]
    assert reason in named and "--force" in done.stderr and "nothing was written" in done.stderr
    assert picture(models.parent) == before
    checked = again(models, "--check")
    assert checked.exit_code == 1 and path in checked.stderr and "--force" in checked.stderr
    assert picture(models.parent) == before


@pytest.mark.parametrize("what", REFUSED)
def test_force_replaces_it_and_nothing_else(what, models, made):
    path, do, _ = REFUSED[what]
    do(models)
    before = picture(models.parent)
    done = again(models, "--force")
    assert done.exit_code == 0 and "1 written" in done.stdout
    after = picture(models.parent)
    assert {name for name in after if after[name] != before.get(name)} == {f"models/{path}"}
    assert texts(models) == made and not (models / path).is_symlink()
    assert again(models, "--check").exit_code == 0


def test_all_that_stands_in_the_way_is_named(models):
    names = ["__init__.py", "_runtime/checks.py", "mine/__init__.py", "mine/numpy.py", "mine/torch.py"]
    for name in names:
        put(name)(models)
    done = again(models)
    assert done.exit_code == 1
    assert [line.split(": ")[0].strip() for line in done.stderr.splitlines() if line.startswith("  ")] == [
        str(models / name) for name in names
    ]


def test_one_edited_file_keeps_a_stale_one_from_being_written(models):
    put("mine/numpy.py", headed("# of an older version\n", SPEC))(models)
    put("mine/torch.py")(models)
    before = picture(models)
    assert again(models).exit_code == 1
    assert picture(models) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser reads everything")
def test_an_unreadable_file_is_refused(models):
    (models / "mine/numpy.py").chmod(0)
    done = again(models)
    assert done.exit_code == 1 and "unreadable: Permission denied" in done.stderr
    assert again(models, "--force").exit_code == 0


def test_a_generated_file_of_any_size_is_replaced(models):
    before = (models / "mine/numpy.py").read_text()
    (models / "mine/numpy.py").write_text(headed("x = 1\n" * (LARGEST // 6 + 1)))
    assert (models / "mine/numpy.py").stat().st_size > LARGEST
    assert again(models).exit_code == 0 and (models / "mine/numpy.py").read_text() == before


def test_a_file_that_the_system_does_not_give_is_refused(models, monkeypatch):
    real = Path.open

    def opened(path, *arguments, **options):
        if path == models / "mine/numpy.py":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    before = picture(models)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", opened)
        done = again(models)
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
    done = again(models, *flags)
    assert done.exit_code == 2 and "move away" in done.stderr and str(models / "mine") in done.stderr
    assert picture(models) == before
    assert again(models, "--check").exit_code == 1


# -- what would be hidden ----------------------------------------------------------------------------------------------


def test_a_module_is_not_hidden_by_the_folder_of_a_cell(tmp_path):
    (tmp_path / "mine.py").write_text(cells("Mine"))
    done = generate(tmp_path / "mine.py", "--out", tmp_path)
    assert done.exit_code == 1 and "`import mine` would not give mine.py" in done.stderr
    assert os.listdir(tmp_path) == ["mine.py"]
    assert generate(tmp_path / "mine.py", "--out", tmp_path, "--force").exit_code == 0
    assert generate(tmp_path / "mine.py", "--out", tmp_path).exit_code == 0  # asked once


def test_a_package_does_not_hide_a_generated_module(tmp_path):
    (tmp_path / "_runtime" / "checks").mkdir(parents=True)
    (tmp_path / "_runtime" / "checks" / "__init__.py").touch()
    with pytest.raises(Refused, match=r"_runtime/checks.py: would hide a module: the package checks beside it"):
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


@pytest.mark.parametrize("name", ["torch", "numpy", "beartype", "typing"])
def test_models_do_not_take_the_name_of_what_they_import(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = generate("LSTM", "--out", name)
    assert done.exit_code == 1 and f"`import {name}` would not give" in done.output and not Path(name).exists()
    Path("mine").mkdir()
    Path("mine/__init__.py").touch()
    assert generate("LSTM", "--out", f"mine/{name}").exit_code == 0
