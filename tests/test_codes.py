"""Every code has a folder: what it means, a file that has it once, the exact text, and the same file mended.

`LSTMSPEC_UPDATE=1` writes the texts anew, and fails where one was another: what changed wants to be read.
"""

import functools
import os
import shutil
from pathlib import Path

import pytest
from examples import applied, as_text, findings, texts

import lstmspec
from lstmspec import Code, zoo

ROOT = Path(lstmspec.__file__).parent / "codes"
FILES = {"about.md", "invalid.py", "invalid.txt", "valid.py"}
CODES = [code.name for code in Code]


def unmatched(root):
    """The codes without a folder and the folders without a code."""
    return {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("__")} ^ {*CODES}


def about_faults(text, code):
    """What is wrong with the long form of a code."""
    lines = text.splitlines()
    faults = [] if lines[0] == f"# {code.name}: {code.value}" else ["the title"]
    faults += ["too long"] if len(lines) > 15 or max(map(len, lines)) > 100 else []
    # They have to read for any cell: a family is known by its gates, not by a name.
    return faults + [name for name in zoo.cells() if f" {name.lower()} " in f" {text.lower()} "]


def only(found, code):
    """The one finding of a file, which has that code. Raises AssertionError."""
    assert [finding.code.name for finding in found] == [code]
    return found[0]


@functools.cache
def found_in(path):
    """All that is found in a file, once: some of it takes seconds."""
    return findings(path)


# -- the folders -------------------------------------------------------------------------------------------------------


def test_the_folders_are_the_codes():
    assert unmatched(ROOT) == set()


@pytest.mark.parametrize("code", CODES)
def test_a_folder_has_its_four_files(code):
    assert {path.name for path in (ROOT / code).iterdir() if path.is_file()} == FILES


def test_a_missing_and_an_extra_folder_are_seen(tmp_path):
    for code in CODES:
        (tmp_path / code).mkdir()
    assert unmatched(tmp_path) == set()
    (tmp_path / "LS102").rmdir()
    (tmp_path / "LS999").mkdir()
    assert unmatched(tmp_path) == {"LS102", "LS999"}


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained(code):
    assert about_faults((ROOT / code / "about.md").read_text(encoding="utf-8"), Code[code]) == []


def test_a_bad_explanation_is_seen():
    assert about_faults("# LS102: a title\n\n" + "The GRU has it.\n" * 14, Code.LS102) == [
        "the title",
        "too long",
        "GRU",
    ]


# -- the examples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_the_invalid_file_has_one_finding_with_its_exact_text(code):
    path = ROOT / code / "invalid.py"
    now = as_text(only(found_in(path), code), path)
    golden = path.with_suffix(".txt")
    before = golden.read_text(encoding="utf-8") if golden.exists() else ""
    if os.environ.get("LSTMSPEC_UPDATE") and before != f"{now}\n":
        golden.write_text(f"{now}\n", encoding="utf-8")
        pytest.fail(f"{golden} is written anew: read what changed, and run again without LSTMSPEC_UPDATE")
    assert f"{now}\n" == before


@pytest.mark.parametrize("code", CODES)
def test_the_valid_file_has_none(code):
    assert texts(ROOT / code / "valid.py") == []


def with_its_mend(folder, tmp_path):
    """A copy of invalid.py with the edits that its finding offers; None when it offers none."""
    if not any(finding.mend for finding in found_in(folder / "invalid.py")):
        return None
    copy = Path(shutil.copy(folder / "invalid.py", tmp_path))
    (finding,) = findings(copy)
    copy.write_text(applied(copy, finding.mend), encoding="utf-8")
    return copy


# The codes whose example can be mended by edits that the finding has; a rule that loses its mend is seen here.
MENDED = ["LS101", "LS102", "LS103", "LS104", "LS106", "LS110", "LS111", "LS204"]


@pytest.mark.parametrize("code", CODES)
def test_the_edits_that_a_finding_offers_mend_the_file(code, tmp_path):
    mended = with_its_mend(ROOT / code, tmp_path)
    assert (mended is not None) is (code in MENDED)
    assert mended is None or texts(mended) == []


def test_a_file_without_its_finding_or_with_another_is_seen():
    found, other = (findings(ROOT / code / "invalid.py") for code in ("LS102", "LS106"))
    for wrong in ([], other, found + other, found + found):
        with pytest.raises(AssertionError):
            only(wrong, "LS102")
