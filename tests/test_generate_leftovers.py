"""Models of cells that are gone: which runs speak of them, and how it is remembered where a cell is declared."""

import os
import shutil
from pathlib import Path

import pytest
from writing import cells, generate, package, picture, sources, texts

from lstmspec.emit import Refused, compare, write
from lstmspec.emit._generate import RUNTIME
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


@pytest.fixture
def folder(tmp_path):
    """The folder of two cells, of which one is about to be deleted."""
    write(package("one", "two"), tmp_path / "out", sources("one", "two"))
    return tmp_path / "out"


# -- which runs speak of them ------------------------------------------------------------------------------------------


def test_the_cell_of_a_file():
    declare("cells.py", "One", "Two")
    done("cells.py")
    assert left_over("cells.py") == []
    declare("cells.py", "Two")
    assert left_over("cells.py") == ["one"]
    checked = generate("cells.py", "--check")
    assert "generated: 1 left over: one (../cells.py declares its cell no more)" in checked.stderr
    assert "mend it: lstmspec generate cells.py --prune" in checked.stderr
    run = done("cells.py", "--prune")
    assert "removed: generated/one: ../cells.py declares its cell no more" in run.stdout
    assert not Path("generated/one").exists() and Path("generated/two/numpy.py").exists()
    assert left_over("cells.py") == []
    assert recorded(Path("generated")) == {"two": "../cells.py"}


def test_a_cell_that_is_renamed():
    declare("cells.py", "One")
    done("cells.py")
    declare("cells.py", "Other")
    done("cells.py")
    assert left_over("cells.py") == ["one"]


def test_specifications_that_share_a_folder_are_left_alone():
    declare("a.py", "One")
    declare("b.py", "Two")
    declare("same/a.py", "Three")
    for spec in ("a.py", "b.py", "same/a.py", "LSTM"):
        done(spec)
    for spec in ("a.py", "b.py", "same/a.py", "LSTM"):
        assert left_over(spec) == []
    declare("a.py", "Four")
    done("a.py")
    assert [left_over(spec) for spec in ("a.py", "b.py", "same/a.py", "LSTM")] == [["one"], [], [], []]
    done("a.py", "--prune")
    assert sorted(os.listdir("generated")) == sorted(["__init__.py", RUNTIME, SOURCES, "four", "two", "three", "lstm"])


def test_a_part_of_a_file_says_nothing_of_the_rest():
    declare("cells.py", "One", "Two")
    done("cells.py")
    declare("cells.py", "One", "Three")
    assert left_over("cells.py:One") == []
    done("cells.py:One", "--prune")
    assert Path("generated/two").exists()


@pytest.mark.parametrize("spec", ["src", "./src/", "src/pkg"])
def test_a_file_of_a_folder_that_is_gone(spec):
    declare("src/pkg/a.py", "One")
    declare("src/pkg/deep/b.py", "Two", "Three")
    declare("other/c.py", "Four")
    done("other")
    done(spec)
    assert left_over(spec) == []
    Path("src/pkg/deep/b.py").unlink()
    assert left_over("other") == []
    assert left_over("src/pkg/a.py") == []
    assert left_over(spec) == ["three", "two"]


def test_a_module_is_remembered_by_its_name(tmp_path, monkeypatch):
    declare("pkg/__init__.py")
    declare("pkg/a.py", "One", "Two")
    declare("pkg/b.py", "Three")
    done("pkg.a")
    assert recorded(Path("generated")) == {"one": "pkg.a", "two": "pkg.a"}
    declare("pkg/a.py", "One")
    assert left_over("pkg.a:One") == []
    assert left_over("pkg.a") == ["two"]


def test_a_cell_that_moves_to_another_file_belongs_to_that():
    declare("a.py", "One", "Two")
    done("a.py")
    declare("a.py", "One")
    declare("b.py", "Two")
    done("b.py")
    assert left_over("a.py") == left_over("b.py") == []


def test_a_file_that_is_named_in_other_words():
    declare("sub/cells.py", "One", "Two")
    Path("link.py").symlink_to("sub/cells.py")
    done("sub/cells.py")
    declare("sub/cells.py", "One")
    for spec in ("./sub/../sub/cells.py", Path("sub/cells.py").resolve(), "sub"):
        assert left_over(spec) == ["two"]


def test_the_committed_folder(tmp_path):
    shutil.copytree(ROOT / "generated", "generated", ignore=shutil.ignore_patterns("__pycache__"))
    packages = {path.parent.name for path in Path("generated").glob("*/__init__.py")}
    assert recorded(Path("generated")).keys() == packages - {RUNTIME}
    shutil.copytree("generated/lstm", "generated/deleted")  # of a cell that was built in
    with Path("generated", SOURCES).open("a") as stream:
        stream.write('deleted = "lstmspec"\n')
    shutil.copytree("generated/gru", "generated/nobodys")  # of which nothing was written down
    declare("cells.py", "Mine")
    done("cells.py")
    checked = generate("--check")
    assert checked.exit_code == 1
    assert [line for line in checked.stdout.splitlines() if line.startswith("Only in")] == [
        "Only in generated: deleted",
    ]
    assert "deleted (lstmspec declares its cell no more)" in checked.stderr
    run = done("--prune")
    assert not Path("generated/deleted").exists() and Path("generated/nobodys/numpy.py").exists()
    words = "unknown: generated/nobodys: no run wrote down where its cell is declared; generate its SPEC too, or delete"
    assert words in run.stdout and words in generate("--check").stdout and generate("--check").exit_code == 0
    assert Path("generated/mine/torch.py").exists()


def test_without_a_record_the_models_of_others_stay(tmp_path):
    declare("a.py", "One")
    declare("b.py", "Two")
    done("a.py")
    done("b.py")
    Path("generated", SOURCES).unlink()
    before = texts("generated/one")
    run = done("b.py", "--prune")
    assert texts("generated/one") == before and "unknown: generated/one: " in run.stdout
    done("a.py", "--prune")
    assert recorded(Path("generated")) == {"one": "../a.py", "two": "../b.py"}


def test_a_part_of_the_built_in_cells_says_nothing_of_the_rest():
    done("LSTM", "GRU")
    assert left_over("GRU") == []


# -- what is remembered ------------------------------------------------------------------------------------------------


def test_both_sides_of_a_merge_count(folder):
    lines = (folder / SOURCES).read_text().splitlines(keepends=True)
    lines[1:] = ["<<<<<<< ours\n", 'one = "../a.py"\n', "=======\n", 'two = "../b.py"\n', ">>>>>>> fix-#12\n"]
    (folder / SOURCES).write_text("".join(lines))
    assert recorded(folder) == {"one": "../a.py", "two": "../b.py"}
    write(package("two"), folder, sources("two"))
    assert (folder / SOURCES).read_text() == lines[0] + 'one = "../a.py"\ntwo = "../cells.py"\n'


COMMENTS = {
    "a line": lambda text: text + "# mine\n",
    "words": lambda text: text + "Ask Ann before May.\n",
    "rows of theirs": lambda text: text + "[mine]\nthree = 3\n",
    "behind a row": lambda text: text.replace('"\n', '"  # mine\n', 1),
    "in the first line": lambda text: text.replace("\n", " Mine.\n", 1),
}


@pytest.mark.parametrize("what", COMMENTS)
def test_a_comment_in_it_is_not_lost(what, folder):
    text = COMMENTS[what]((folder / SOURCES).read_text())
    (folder / SOURCES).write_text(text)
    with pytest.raises(Refused, match="a line that lstmspec did not write would be lost: `"):
        write(package("one", "two", "three"), folder, sources("one", "two", "three"))
    assert (folder / SOURCES).read_text() == text
    write(package("one", "two", "three"), folder, sources("one", "two", "three"), force=True)
    assert recorded(folder).keys() == {"one", "two", "three"}


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a device", "terabytes"])
def test_a_record_that_is_none_is_not_read(kind, folder):
    place = folder / SOURCES
    place.unlink()
    if kind == "a pipe":
        os.mkfifo(place)
    elif kind == "a folder":
        place.mkdir()
    elif kind == "a device":
        place.symlink_to("/dev/zero")
    else:
        with place.open("wb") as stream:
            stream.truncate(8 * 10**12)
    assert recorded(folder) == {}
    with pytest.raises(Refused, match=SOURCES):
        write(package("one", "two"), folder, sources("one", "two"))
    assert os.path.lexists(place)


def test_what_was_lost_is_written_anew(folder):
    (folder / SOURCES).unlink()
    assert [one.path for one in compare(package("one", "two"), folder, sources("one", "two")).changed] == [SOURCES]
    write(package("one", "two"), folder, sources("one", "two"))
    assert recorded(folder) == {"one": "../cells.py", "two": "../cells.py"}


@pytest.mark.parametrize("line", ["one = 3", 'one = "a', "one", 'one = "\\x"', "= =", '"one" = "a"', "\0"])
def test_a_line_that_means_nothing_is_passed_over(line, folder):
    text = (folder / SOURCES).read_text()
    (folder / SOURCES).write_text(text.replace('one = "../cells.py"', line))
    assert recorded(folder) == {"two": "../cells.py"}


def test_it_is_the_same_on_every_machine(tmp_path):
    for home in ("a", "deep/er/b"):
        declare(f"{home}/src/cells.py", "One")
        done(f"{home}/src/cells.py", "--out", f"{home}/models")
        done(tmp_path / home / "src/cells.py", "LSTM", "--out", tmp_path / home / "models", "--prune")
    assert texts("a/models") == texts("deep/er/b/models")
    assert recorded(Path("a/models")) == {"lstm": "lstmspec", "one": "../src/cells.py"}


@pytest.mark.parametrize("name", ["new\nline.py", 'quo"te.py', "back\\slash.py", "时间.py", "\udcff.py"])
def test_any_name_of_a_file_is_remembered(name):
    declare(name, "One", "Two")
    done(f"./{name}")
    declare(name, "One")
    assert left_over(f"./{name}") == ["two"]
    assert len(Path("generated", SOURCES).read_text().splitlines()) == 3
