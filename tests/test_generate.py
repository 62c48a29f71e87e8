"""The generated folder: the same bytes for the same cells, comparisons with what is there, and places it cannot be."""

import os

import pytest
from helpers import sampled
from writing import MINE, ROOT, SCRIPT, bytes_of, generate, interpreter, stamps_of

from lstmspec.emit._sources import SOURCES

SOME = list(sampled(8))  # names of built-in cells


# -- the same bytes ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def some(tmp_path_factory):
    """Some built-in cells, generated once by the script."""
    out = tmp_path_factory.mktemp("some") / "generated"
    done = interpreter(SCRIPT, *SOME, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def test_the_second_run_writes_nothing(some):
    before = stamps_of(some)
    done = interpreter(SCRIPT, *SOME, "--out", some)
    assert done.returncode == 0, done.stderr
    assert "0 written" in done.stdout
    assert stamps_of(some) == before


def test_a_fresh_folder_has_the_committed_bytes(fresh):
    assert bytes_of(fresh) == bytes_of(ROOT / "generated")


@pytest.mark.parametrize("seed", ["1", "2", "4242"])
def test_every_hash_seed_gives_the_same_bytes(seed, fresh, tmp_path):
    done = interpreter(SCRIPT, "--out", tmp_path / "generated", seed=seed)
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "generated") == bytes_of(fresh)


def test_the_script_is_the_command(tmp_path):
    assert interpreter(SCRIPT, "LSTM", "--out", tmp_path / "a").returncode == 0
    assert generate("LSTM", "--out", tmp_path / "b").exit_code == 0
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_two_folders_do_not_depend_on_where_they_are(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "yours.py").write_text(f"# moved\n\n{MINE}")
    assert generate(tmp_path / "mine.py", "--out", tmp_path / "a").exit_code == 0
    assert generate(tmp_path / "deep" / "er" / "yours.py", "--out", tmp_path / "deep" / "b").exit_code == 0
    first, second = bytes_of(tmp_path / "a"), bytes_of(tmp_path / "deep" / "b")
    assert first.pop(SOURCES) != second.pop(SOURCES)  # where the cells are declared
    assert first == second


# -- --check -----------------------------------------------------------------------------------------------------------


def check_finds(arguments, out, *pieces):
    """`--check` exits 1 with a unified diff that has these pieces, and writes nothing."""
    before = stamps_of(out)
    done = generate(*arguments, "--out", out, "--check")
    assert done.exit_code == 1, done.output
    for piece in ("--- ", "+++ ", "@@", *pieces):
        assert piece in done.stdout
    assert stamps_of(out) == before


def test_check_is_clean_on_a_fresh_folder(some):
    before = stamps_of(some)
    done = interpreter(SCRIPT, *SOME, "--check", "--out", some)
    assert done.returncode == 0, done.stdout
    assert "@@" not in done.stdout
    assert stamps_of(some) == before


def test_check_is_clean_on_the_committed_folder():
    done = generate(*SOME, "--check", "--out", ROOT / "generated")
    assert done.exit_code == 0, done.stdout


ALL = ["__init__.py", "_runtime/__init__.py", "_runtime/cell.py", "mine/__init__.py", "mine/numpy.py", "mine/torch.py"]


@pytest.mark.parametrize("name", ALL)
def test_check_finds_one_changed_character(name, mine):
    spec, out = mine
    text = (out / name).read_text()
    (out / name).write_text(text.replace("e", "E", 1))
    check_finds([spec], out, f"--- models/{name}", f"+++ models/{name}")
    assert generate(spec, "--out", out).exit_code == 1  # edited by hand: see test_generate_refusals.py
    assert generate(spec, "--out", out, "--force").exit_code == 0
    assert (out / name).read_text() == text


def test_check_finds_a_lost_newline(mine):
    spec, out = mine
    (out / "mine/torch.py").write_text((out / "mine/torch.py").read_text().rstrip("\n"))
    check_finds([spec], out)


def test_check_finds_a_deleted_file(mine):
    spec, out = mine
    (out / "mine/numpy.py").unlink()
    check_finds([spec], out, "--- /dev/null", "+++ models/mine/numpy.py")
    assert not (out / "mine/numpy.py").exists()


def test_check_finds_a_missing_folder_and_does_not_make_it(tmp_path):
    done = generate("LSTM", "--out", tmp_path / "nowhere", "--check")
    assert done.exit_code == 1
    assert "--- /dev/null" in done.stdout
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("old", "new"), [("1 - z", "1 + z"), ("A cell of my own", "Another cell"), ("State(k)", "State(n)"), ("x)", "h)")]
)
def test_check_finds_a_changed_spec(old, new, mine):
    spec, out = mine
    assert generate(spec, "--out", out, "--check").exit_code == 0
    spec.write_text(MINE.replace(old, new))
    os.utime(spec, (1, 1))  # a cache of the interpreter must not hide the change
    check_finds([spec], out, "+# spec ", "-# spec ")
    assert generate(spec, "--out", out).exit_code == 0
    assert generate(spec, "--out", out, "--check").exit_code == 0


def test_comments_and_layout_of_a_spec_change_nothing(mine):
    spec, out = mine
    spec.write_text(MINE.replace("    z =", "    # the update gate\n    z  =").replace("(1 - z)", "(1-z)"))
    os.utime(spec, (1, 1))
    assert generate(spec, "--out", out, "--check").exit_code == 0


# -- where it cannot write ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [(), ("--check",)])
@pytest.mark.parametrize("below", ["", "below", "below/deeper"])
def test_a_file_in_the_way_is_one_line(below, flags, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = generate("LSTM", "--out", tmp_path / "file" / below, *flags)
    assert done.exit_code == 2
    assert done.exception is None or isinstance(done.exception, SystemExit)
    errors = [line for line in done.stderr.splitlines() if "rror" in line]
    assert len(errors) == 1
    assert str(tmp_path / "file") in errors[0]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_where_a_file_belongs_is_one_line(tmp_path):
    (tmp_path / "out" / "lstm" / "numpy.py").mkdir(parents=True)
    done = generate("LSTM", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert [line for line in done.stderr.splitlines() if "rror" in line] != []
    assert "Traceback" not in done.output


def test_two_cells_with_one_folder_are_refused(tmp_path):
    (tmp_path / "two.py").write_text(MINE + MINE.replace("Mine", "MINE"))
    done = generate(tmp_path / "two.py", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "LS203" in done.stderr
    assert not (tmp_path / "out").exists()
