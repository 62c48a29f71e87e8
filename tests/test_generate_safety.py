"""Files that `lstmspec generate` replaces without a word, and how: permissions kept, edits of the last moment too."""

import os
import stat

import pytest
from writing import SPEC, again, edited, package, picture, put, strays, texts

from lstmspec.emit import Refused, write
from lstmspec.emit._header import headed

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
    checked = again(models, "--check")
    assert checked.exit_code == 1 and path in checked.stderr and "--force" not in checked.stderr
    done = again(models)
    assert done.exit_code == 0 and "1 written" in done.stdout
    assert texts(models) == made


def test_line_endings_of_version_control_are_no_edit(models):
    for path in models.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = picture(models)
    assert again(models, "--check").exit_code == 0
    assert again(models).exit_code == 0
    assert picture(models) == before
    (models / "mine/torch.py").write_bytes(headed("# older\n", SPEC).replace("\n", "\r\n").encode())
    checked = again(models, "--check")
    assert checked.exit_code == 1 and "\\r" not in checked.stdout and "-# older\n" in checked.stdout
    assert again(models).exit_code == 0


def test_a_symlink_to_the_right_text_is_left(models):
    (models / "mine/numpy.py").rename(models.parent / "kept.py")
    (models / "mine/numpy.py").symlink_to("../../kept.py")
    before = picture(models)
    assert again(models, "--check").exit_code == 0
    assert again(models).exit_code == 0
    assert picture(models) == before


def test_files_of_theirs_beside_the_models_are_not_touched(models, made):
    theirs = ["train.py", "data/set.npz", "mine/helpers.py", "mine/.hidden", ".numpy.py.abcd1234.tmp", "mine/x.tmp"]
    for name in theirs:
        put(name)(models)
    put("mine/numpy.py", headed("# older\n", SPEC))(models)
    before = {name: picture(models)[name] for name in theirs}
    assert again(models, "--prune").exit_code == 0
    assert {name: picture(models)[name] for name in theirs} == before
    assert {name: text for name, text in texts(models).items() if name not in theirs} == made
    assert again(models, "--check").exit_code == 0


def test_a_linked_folder_is_a_folder(models, made):
    (models / "mine").rename(models.parent / "elsewhere")
    (models / "mine").symlink_to("../elsewhere")
    (models.parent / "elsewhere" / "numpy.py").unlink()
    assert again(models).exit_code == 0
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
