"""The pytest plugin, in runs of its own: each cell is a test, a file that cannot be loaded fails, all else stays."""

import re

import pytest

from lstmspec.pytest_plugin import LOADING

pytest_plugins = ["pytester"]
HEAD = "from lstmspec import Cell, Input, State, Weight, affine, dims, tanh\n\nn, k = dims('n k')\n"
BODY = "    x = Input(n)\n    h = State(k)\n    W = Weight(k, {})\n    h.next = tanh(W @ h + affine(x))\n"
CELL = "\n\nclass {}(Cell):\n" + BODY
GOOD, ILL = HEAD + CELL.format("Good", "k"), HEAD + CELL.format("Ill", "n")
PROJECT = '[tool.pytest.ini_options]\naddopts = "-p lstmspec.pytest_plugin"\ntestpaths = ["tests"]\nlstmspec = {}\n'


@pytest.fixture
def project(pytester, monkeypatch):
    """A project with tests, and cells in another folder: good, ill-shaped, broken, and what is none."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # other plugins would be imported anew for every test
    texts = {
        "pyproject.toml": PROJECT.format('["specs"]'),
        "tests/test_it.py": "def test_it():\n    pass\n",
        "specs/good.py": GOOD + CELL.format("Also", "k"),
        "specs/ill.py": ILL,
        "specs/broken.py": "import lstmspec\nx = (\n",
        "specs/script.py": "raise RuntimeError('this file was run')\n",
        "specs/test_both.py": GOOD + "\n\ndef test_both():\n    pass\n",
    }
    for name, text in texts.items():
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return pytester


def run(project, *arguments, apart=False):
    """The run, and each test's outcome. In this process, where SymPy is imported already: another takes seconds.

    PyTorch cannot be taken out of a process and imported again, as a run in this one does: `apart` is for those.
    """
    done = (project.runpytest_subprocess if apart else project.runpytest_inprocess)(
        "-rA", "-p", "no:cacheprovider", *arguments
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) (\S+)", done.stdout.str(), re.MULTILINE)
    assert len(found) == len(set(found)), "a test runs once"
    return done, {name: outcome for outcome, name in found}


def test_each_cell_is_a_test(project):
    done, outcomes = run(project)
    assert done.ret == 1
    assert outcomes == {
        "tests/test_it.py::test_it": "PASSED",
        "specs/good.py::Good": "PASSED",
        "specs/good.py::Also": "PASSED",
        "specs/ill.py::Ill": "FAILED",
        f"specs/broken.py::{LOADING}": "FAILED",
        "specs/test_both.py::Good": "PASSED",
        "specs/test_both.py::test_both": "PASSED",
    }


def test_a_failure_is_the_findings_text_and_no_traceback(project):
    done, _ = run(project, "specs/ill.py", "specs/broken.py")
    said = done.stdout.str()
    assert "Traceback" not in said
    assert "pytest_plugin.py" not in said
    assert (
        "error[LS102]: operands of `@` do not agree in equation `h.next`\n  --> specs/ill.py:10:19\n"
        in done.stdout.str()
    )
    assert "error[LS213]: `specs/broken.py` cannot be imported: SyntaxError: '(' was never closed\n" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["tests"], {"tests/test_it.py::test_it"}),
        (["specs/good.py"], {"specs/good.py::Good", "specs/good.py::Also"}),
        (["specs/good.py::Also"], {"specs/good.py::Also"}),
        (["specs/test_both.py::Good"], {"specs/test_both.py::Good"}),
        (
            ["-k", "Also or both.py"],
            {"specs/good.py::Also", "specs/test_both.py::Good", "specs/test_both.py::test_both"},
        ),
    ],
)
def test_cells_are_chosen_like_tests(arguments, expected, project):
    done, outcomes = run(project, *arguments)
    assert done.ret == 0, done.stdout.str()
    assert set(outcomes) == expected


def test_all_is_well_when_all_cells_are(project):
    (project.path / "specs" / "ill.py").unlink()
    (project.path / "specs" / "broken.py").unlink()
    done, outcomes = run(project)
    assert (done.ret, len(outcomes)) == (0, 5)


def test_what_the_project_ignores_is_ignored(project):
    with (project.path / "pyproject.toml").open("a") as file:
        file.write('[tool.lstmspec]\nignore = ["LS102", "LS213"]\n')
    done, outcomes = run(project)
    assert done.ret == 0, done.stdout.str()
    assert "specs/ill.py::Ill" in outcomes
    assert f"specs/broken.py::{LOADING}" not in outcomes


def test_packages_modules_and_single_cells(project):
    package = project.path / "src" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from .base import Good\n")
    (package / "base.py").write_text(GOOD)
    (package / "mine.py").write_text("from . import Good\n\n\nclass Mine(Good):\n    pass\n")
    settings = PROJECT.format('["src/pkg/mine.py", "pkg.base", "specs/good.py:Also"]')
    (project.path / "pyproject.toml").write_text(f'{settings}pythonpath = ["src"]\n')
    done, outcomes = run(project)
    assert done.ret == 0, done.stdout.str()
    cells = {"src/pkg/mine.py::Mine", "src/pkg/base.py::Good", "specs/good.py::Also"}
    assert set(outcomes) == {"tests/test_it.py::test_it", *cells}


@pytest.mark.parametrize(
    ("specs", "more", "expected"),
    [
        ('["nowhere"]', "", "`nowhere` is no built-in cell, file, folder or module"),
        ('["tests"]', "", "lstmspec = tests: no file below it declares a cell"),
        ('["specs"]', '[tool.lstmspec]\nignore = ["LSX"]\n', "`LSX` is no code"),
    ],
)
def test_a_setting_that_cannot_be_used(specs, more, expected, project):
    (project.path / "pyproject.toml").write_text(PROJECT.format(specs) + more)
    done, outcomes = run(project)
    assert done.ret == 4, "pytest's code for wrong usage"
    assert expected in done.stderr.str()
    assert "Traceback" not in done.stderr.str()
    assert outcomes == {}


def test_without_the_setting_nothing_changes(project):
    (project.path / "pyproject.toml").write_text(PROJECT.format("[]"))
    done, outcomes = run(project)
    assert (done.ret, set(outcomes)) == (0, {"tests/test_it.py::test_it"})


# -- proofs ------------------------------------------------------------------------------------------------------------

RANGED = HEAD.replace("tanh", "allow, sqrt, tanh") + (
    "\n\nclass Ranged(Cell):\n    x = Input(n)\n    h = State(k)\n"
    "    h.next = tanh(affine(allow(sqrt(x - 10), LS307='x is above 10'), h))\n"
)


@pytest.mark.parametrize("by_option", [True, False])
def test_models_are_proved_where_that_is_wanted(project, by_option):
    (project.path / "specs" / "ranged.py").write_text(RANGED)
    files = ["specs/good.py", "specs/ranged.py", "specs/ill.py"]
    if not by_option:
        text = PROJECT.format('["specs"]') + "lstmspec_verify = true\n"
        (project.path / "pyproject.toml").write_text(text)
    done, outcomes = run(project, *(["--lstmspec-verify"] if by_option else []), *files, apart=True)
    assert outcomes == {
        "specs/good.py::Good": "PASSED",
        "specs/good.py::Good[verify]": "PASSED",
        "specs/good.py::Also": "PASSED",
        "specs/good.py::Also[verify]": "PASSED",
        "specs/ranged.py::Ranged": "PASSED",
        "specs/ranged.py::Ranged[verify]": "FAILED",
        "specs/ill.py::Ill": "FAILED",
    }
    done.stdout.fnmatch_lines(["*LS502*", "*the cell has findings of its own*"])
