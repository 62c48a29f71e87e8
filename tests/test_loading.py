"""What SPECs name: files, folders, packages and modules; which files are run; and which findings are reported."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmspec import Code, Diagnostic
from lstmspec.cli import main
from lstmspec.loading import Settings
from lstmspec.loading._sources import Sources, imported, neighbour

ROOT = Path(__file__).resolve().parent.parent
HEAD = "from lstmspec import Cell, Input, State, Weight, affine, dims, tanh\n\nn, k = dims('n k')\n"
CELL = "\n\nclass {}({}):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(affine(x, h))\n"
ILL = "\n\nclass Ill(Cell):\n    x = Input(n)\n    h = State(k)\n    W = Weight(k, n)\n    h.next = tanh(W @ h)\n"
GOOD = HEAD + CELL.format("Good", "Cell")
RAN = "raise RuntimeError('this file was run')\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files below an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def files(**texts):
        for name, text in texts.items():
            path = tmp_path / (name.replace("__", "/").replace("/init/", "/__init__") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return files


def check(*arguments):
    done = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def counts(*arguments):
    """(exit code, cells, files)."""
    done = check(*arguments, "--format", "json")
    summary = json.loads(done.stdout)["summary"]
    return done.exit_code, summary["cells"], summary["files"]


# -- which files a folder holds ----------------------------------------------------------------------------------------


def test_all_files_below_a_folder(write):
    write(a=GOOD, inner__b=GOOD, inner__deeper__c=GOOD)
    assert counts(".") == (0, 3, 3)
    assert counts("inner") == (0, 2, 2)
    assert counts("inner", "inner/b.py", "inner/b.py:Good", ".") == (0, 3, 3)


@pytest.mark.parametrize("folder", [".hidden", "__pycache__", "node_modules", "env"])
def test_folders_that_are_not_searched(folder, write):
    root = write(a=GOOD)
    (root / folder).mkdir()
    (root / folder / "b.py").write_text(HEAD + RAN + CELL.format("B", "Cell"))
    (root / "env").mkdir(exist_ok=True)
    (root / "env" / "pyvenv.cfg").write_text("")
    assert counts(".") == (0, 1, 1)
    if folder != "env":
        assert counts(folder)[0] == 2, "a folder that is named is searched"


@pytest.mark.parametrize(
    "text",
    [
        RAN,
        f"import lstmspec\n{RAN}",
        f"from lstmspec import check\n{RAN}\n\nclass Error(Exception):\n    pass\n",
        f"import unittest, lstmspec\n{RAN}\n\nclass Test(unittest.TestCase):\n    pass\n",
        f"import numpy\n{RAN}\n\nclass Net(numpy.ndarray):\n    pass\n",
        f"from helper import Net\n{RAN}\n\nclass Deep(Net):\n    pass\n",
        f"import lstmspec\n{RAN}\n\nclass Plain:\n    pass\n",
        f"from a import n\n{RAN}\n\nclass Error(Exception):\n    pass\n\n\nclass Worse(Error):\n    pass\n",
    ],
)
def test_scripts_that_cannot_declare_a_cell_are_not_run(text, write):
    write(a=GOOD, script=text, helper="class Net:\n    pass\n")
    assert counts(".") == (0, 1, 1)
    assert counts("a.py", "script.py", "--only-cells") == (0, 1, 1)
    assert "this file was run" in check("script.py").stdout, "one that is named is run"


@pytest.mark.parametrize(
    ("first", "cell"),
    [
        ("from base import Good", "Good"),
        ("import base", "base.Good"),
        ("import base as b", "b.Good"),
        ("from base import *", "Good"),
        ("from between import Good", "Good"),
        ("if True:\n    from base import (\n        Good as G,\n    )", "G"),
        ("import lstmspec as ls", "ls.Cell"),
        ("from lstmspec.zoo.lstm import LSTM", "LSTM"),
        ("from lstmspec import Cell\nBase = Cell", "Base"),
    ],
)
def test_files_that_can_declare_a_cell_are_run(first, cell, write):
    write(base=GOOD, between="from base import Good\n", mine=f"{first}\n{RAN}\n\nclass Mine({cell}):\n    pass\n")
    assert "this file was run" in check(".").stdout
    assert "this file was run" in check("mine.py", "--only-cells").stdout


def test_files_of_a_package_that_import_relatively(write):
    write(
        pkg__init__="",
        pkg__base=GOOD,
        pkg__sub__init__="from ..base import Good as Renamed\n",
        pkg__sub__one="from . import Renamed\n\n\nclass One(Renamed):\n    pass\n",
        pkg__sub__two="from .. import base\n\n\nclass Two(base.Good):\n    pass\n",
    )
    assert counts("pkg") == counts(".") == counts("pkg/sub", "pkg/base.py") == (0, 3, 3)
    assert counts("pkg.sub.one") == counts("pkg.sub.one:One") == counts("pkg/sub/two.py") == (0, 1, 1)
    assert counts("pkg.sub", "pkg.sub.two") == (0, 2, 2)
    assert counts("pkg.sub:Renamed") == (0, 1, 1), "as in Python, a package has what its __init__ imports"


def test_imports_are_read_from_text_that_does_not_parse():
    text = "import a.b as c, d\nfrom .e import (f,\n  g as h)\nfrom . import i\n  from j import k\nclass (\n"
    assert list(imported(text)) == ["a.b", "d", ".e", ".e.f", ".e.g", ".", ".i", "j", "j.k"]


def test_neighbours(write):
    root = write(a="", pkg__init__="", pkg__b="", pkg__sub__init__="", pkg__sub__c="")
    here = root / "pkg" / "sub" / "c.py"
    for module, path in {"..b": "pkg/b.py", ".": "pkg/sub/__init__.py", "pkg.b": "pkg/b.py", "a": "a.py"}.items():
        assert neighbour(here, module) == root / path
    assert neighbour(here, "nowhere") is None


def test_a_cycle_of_imports_ends(write):
    root = write(a="import b\n\n\nclass A(b.B): pass\n", b="import a\n\n\nclass B(a.A): pass\n")
    assert not Sources().can_declare_cells(root / "a.py")


# -- modules -----------------------------------------------------------------------------------------------------------


def test_two_folders_may_have_files_of_one_name(write):
    good, other = GOOD, GOOD.replace("Good", "Other")
    user = "import base\nassert base.__file__.endswith('{0}/base.py')\n\n\nclass Mine(base.{1}):\n    pass\n"
    write(a__base=good, a__mine=user.format("a", "Good"), b__base=other, b__mine=user.format("b", "Other"))
    for order in (("a", "b"), ("b", "a"), (".",), ("a/mine.py", "b/mine.py", "a/base.py")):
        done = check(*order)
        assert done.exit_code == 0, done.stdout


def test_a_module_that_is_imported_already_from_elsewhere(write, monkeypatch):
    """As under pytest, or `python -m`, which have a folder of the user's on the path."""
    root = write(a__base="", b__base=GOOD, b__mine="from base import Good\n\n\nclass Mine(Good):\n    pass\n")
    monkeypatch.syspath_prepend(root / "a")
    base = importlib.import_module("base")
    try:
        assert counts("b") == (0, 2, 2)
        assert sys.modules["base"] is base
    finally:
        del sys.modules["base"]


def test_nothing_of_a_users_folder_stays(write, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    root = write(base=GOOD, mine="import base\n\n\nclass Mine(base.Good):\n    pass\n", pkg__init__="", pkg__a=GOOD)
    before, path = set(sys.modules), list(sys.path)
    assert counts(".") == (0, 3, 3)
    assert set(sys.modules) - before == set()
    assert (sys.path, sys.dont_write_bytecode) == (path, False)
    assert not list(root.rglob("*.pyc")), "no file is left behind"


def test_an_edit_is_seen_at_once(write):
    for name in ("One", "Two"):
        root = write(base=GOOD.replace("Good", name), mine=f"from base import {name}\n\n\nclass M({name}):\n    pass\n")
        assert counts(root) == (0, 2, 2)


@pytest.mark.parametrize("name", ["types", "random", "numpy", "my-cell", "a.b", "1st", "ünï"])
def test_a_file_may_have_any_name(name, write):
    write(**{name: GOOD})
    assert counts(f"{name}.py") == counts(".") == (0, 1, 1)


def test_a_class_of_a_file_and_the_file(write):
    write(a=GOOD + CELL.format("Other", "Cell"))
    assert counts("a.py:Good") == (0, 1, 1)
    assert counts("a.py:Good", "a.py:Other", "a.py:Good") == (0, 2, 1)
    assert counts("a.py:Good", "a.py") == (0, 2, 1)
    assert counts("a:Other") == (0, 1, 1)


def test_a_file_is_checked_once_under_all_its_names(write):
    root = write(a=GOOD + "\nimport pathlib\nwith open('ran', 'a') as f: f.write('x')\n")
    (root / "link.py").symlink_to(root / "a.py")
    assert counts("a.py", "./a.py", root / "a.py", "a", "link.py", ".") == (0, 1, 1)
    assert (root / "ran").read_text() == "x"


def test_a_folder_under_two_names(write):
    root = write(real__a=GOOD)
    (root / "link").symlink_to(root / "real")
    assert counts("link", "real") == counts("real", "link") == (0, 1, 1)


def test_a_built_in_name_that_is_a_folder_of_cells_too(write):
    write(gru__mine=GOOD)
    done = check("gru")
    assert done.exit_code == 2
    assert "`gru` is a built-in cell, and cells are found there too" in done.stdout
    assert "say ./gru for the folder" in done.stdout
    assert counts("./gru") == (0, 1, 1)


def test_a_built_in_name_that_is_a_folder_without_cells(write):
    write(gru__numpy="import numpy\n")
    assert check("gru").stdout == "1 cell in 1 file: no findings\n"


def test_order_is_that_of_the_command_line_then_of_names(write):
    write(b=HEAD + ILL, a=HEAD + ILL, c__z=HEAD + ILL, c__y=HEAD + ILL)

    def files(*specs):
        return [f["file"] for f in json.loads(check(*specs, "--format", "json").stdout)["findings"]]

    assert files(".") == ["a.py", "b.py", "c/y.py", "c/z.py"]
    assert files("c", "b.py", "a.py") == ["c/y.py", "c/z.py", "b.py", "a.py"]


def test_the_installed_command_finds_modules_of_the_working_folder(write):
    root = write(pkg__init__="", pkg__a=GOOD)
    code = "from lstmspec.cli import main; main(['check', 'pkg.a'])"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 cell in 1 file: no findings\n")


def test_checking_imports_nothing_that_generates():
    code = "import sys; from lstmspec.cli import main; main(['check', 'LSTM'], standalone_mode=False)\n"
    code = f"import atexit, sys; atexit.register(lambda: print(*sorted(sys.modules)))\n{code}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "lstmspec.cli._check" in loaded
    assert loaded.isdisjoint({"torch", "jinja2", "pytest", "jsonschema", "lstmspec.emit"})


# -- select and ignore -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "reported"),
    [
        ((), (), "LS101 LS102 LS206 LS213 LS303"),
        (("LS1",), (), "LS101 LS102 LS213"),
        (("LS1", "LS303"), (), "LS101 LS102 LS213 LS303"),
        ((), ("LS1",), "LS206 LS213 LS303"),
        (("LS1",), ("LS101",), "LS102 LS213"),
        ((), ("LS",), "LS213"),
        ((), ("LS21",), "LS101 LS102 LS206 LS213 LS303"),
        ((), ("LS213",), "LS101 LS102 LS206 LS303"),
        (("LS213",), (), "LS213"),
    ],
)
def test_what_is_reported(select, ignore, reported):
    codes = [Code.LS101, Code.LS102, Code.LS206, Code.LS213, Code.LS303]
    settings = Settings(select, ignore)
    assert [code.name for code in codes if settings.reports(Diagnostic(code, ""))] == reported.split()


def test_options_change_report_and_exit_code(write):
    write(a=HEAD + ILL, b="import lstmspec\n(\n")
    assert check("a.py").exit_code == 1
    assert check("a.py", "--ignore", "ls102").stdout == "1 cell in 1 file: no findings\n"
    assert check("a.py", "--select", "LS2,LS3").exit_code == 0
    assert check("b.py", "--select", "LS1").exit_code == 2
    assert check("b.py", "--ignore", "LS2").exit_code == 2
    assert check("b.py", "--ignore", "LS213").exit_code == 0


def test_the_project_sets_them_and_options_win(write, monkeypatch):
    root = write(a=HEAD + ILL, inner__deeper__b=HEAD + ILL)
    (root / "pyproject.toml").write_text('[tool.lstmspec]\nignore = ["LS1"]\n')
    assert check("a.py").exit_code == 0
    assert check("a.py", "--ignore", "LS3").exit_code == 1
    assert check("a.py", "--select", "LS102").exit_code == 0
    monkeypatch.chdir(root / "inner" / "deeper")
    assert check("b.py").exit_code == 0
    (root / "inner" / "pyproject.toml").write_text("[project]\n")
    assert check("b.py").exit_code == 1, "the nearest file is the project's"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.lstmspec]\nignor = ["LS1"]\n', "unknown key `ignor`; did you mean ignore?"),
        ("[tool.lstmspec]\nzzz = 1\n", "unknown key `zzz`; there are select, ignore, timeout"),
        ('[tool.lstmspec]\nignore = "LS1"\n', '`ignore` must be a list of codes, as in ["LS1", "LS303"]'),
        ('[tool.lstmspec]\nselect = ["LS1O2"]\n', "`LS1O2` is no code; did you mean LS112?"),
        ("[tool.lstmspec]\nselect = [1]\n", "`select` must be a list of codes"),
        ('[tool.lstmspec]\ntimeout = "long"\n', "'long' is no number of seconds"),
        ("[tool.lstmspec]\ntimeout = 0\n", "0 is no number of seconds"),
        ("[tool.lstmspec]\ntimeout = true\n", "True is no number of seconds"),
        ("[tool]\nlstmspec = 1\n", "tool.lstmspec is no table"),
        ("[tool.lstmspec\n", "cannot be read: "),
    ],
)
def test_a_setting_of_the_project_that_cannot_be_used(text, expected, write):
    root = write(a=GOOD)
    (root / "pyproject.toml").write_text(text)
    done = check("a.py")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "pyproject.toml" in done.stderr
    assert expected in done.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--select", "LS1O2"), "--select: `LS1O2` is no code; did you mean LS112?"),
        (("--ignore", "QQ"), "--ignore: `QQ` is no code; they go from LS101 to "),
        (("--select", ","), "--select: no code is given"),
        (("--timeout", "0"), "--timeout: 0.0 is no number of seconds"),
        (("--timeout", "nan"), "--timeout: nan is no number of seconds"),
        (("--timeout", "soon"), "'soon' is not a valid float"),
    ],
)
def test_an_option_that_cannot_be_used(options, expected):
    done = check("LSTM", *options)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert expected in done.stderr
