"""Two cells of one name in different sources: the models of the one are not silently those of the other."""

from pathlib import Path

import pytest
from writing import cells, generate, picture

from lstmspec.emit._sources import recorded

OTHER = cells("Mine").replace("tanh", "sigmoid")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with the models of one.py."""
    monkeypatch.chdir(tmp_path)
    Path("one.py").write_text(cells("Mine"))
    assert generate("one.py").exit_code == 0
    return tmp_path


def test_they_are_not_replaced_without_a_word():
    Path("two.py").write_text(OTHER)
    before = picture(".")
    done = generate("two.py")
    assert done.exit_code == 1 and picture(".") == before
    for name in ("__init__.py", "numpy.py", "torch.py"):
        assert f"  generated/mine/{name}: from another source: ../one.py, which is still there\n" in done.stderr
    assert "help: rename one of the cells; if it has moved, name both sources in one run\n" in done.stderr
    checked = generate("two.py", "--check")
    assert checked.exit_code == 1
    assert "generated: 3 files from another source: mine/__init__.py, mine/numpy.py, mine/torch.py" in checked.stderr
    assert "mend it: lstmspec generate two.py --force" in checked.stderr


def test_they_are_replaced_by_force_and_then_belong_to_the_other():
    Path("two.py").write_text(OTHER)
    assert generate("two.py", "--force").exit_code == 0
    assert recorded(Path("generated")) == {"mine": "../two.py"}
    assert generate("two.py", "--check").exit_code == 0
    assert generate("one.py").exit_code == 1


def test_a_file_that_was_renamed_is_no_other_source():
    Path("one.py").rename("two.py")
    Path("two.py").write_text(OTHER)
    assert generate("two.py").exit_code == 0


def test_a_cell_that_moved_is_replaced_where_a_run_has_both_files():
    Path("one.py").write_text(cells("Another"))
    Path("two.py").write_text(OTHER)
    assert generate("two.py").exit_code == 1
    assert generate("one.py", "two.py").exit_code == 0
    assert recorded(Path("generated")) == {"another": "../one.py", "mine": "../two.py"}


def test_the_same_cell_elsewhere_changes_nothing_but_the_record():
    Path("two.py").write_text(cells("Mine"))
    assert generate("two.py").exit_code == 0
    assert recorded(Path("generated")) == {"mine": "../two.py"}


def test_a_cell_of_the_name_of_a_built_in_one():
    assert generate("LSTM").exit_code == 0
    Path("lstm.py").write_text(cells("LSTM"))
    assert "from another source: lstmspec, which is still there" in generate("lstm.py").stderr
    assert generate("lstm.py", "--force").exit_code == 0
    assert "from another source: ../lstm.py, which is still there" in generate("LSTM").stderr
