"""pyproject.toml says nothing that is not so: what it depends on is used, and tested in versions that fit."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PACKAGE = ROOT / "lstmspec"
PINNED = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.-]+)==(.*)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
}
WITHOUT_IMPORT = {"pytest-xdist"}  # an option of pytest
EXTRAS = {
    str(Requirement(one)): extra for extra, own in PROJECT["optional-dependencies"].items() for one in own
}  # fmt: skip


def imported(folder):
    """The packages that files below a folder import."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


def test_every_dependency_is_imported():
    assert {Requirement(one).name for one in PROJECT["dependencies"]} <= imported(PACKAGE)


def test_every_extra_is_used():
    names = {Requirement(one).name for one in EXTRAS} - WITHOUT_IMPORT - {"lstmspec", "mypy"}
    text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    assert {name for name in names - imported(PACKAGE) - imported(ROOT / "tests") if f'"{name}"' not in text} == set()


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *EXTRAS])
def test_a_floor_is_below_the_version_that_is_tested(requirement):
    wanted = Requirement(requirement)
    if wanted.name == PROJECT["name"]:
        assert wanted.extras <= PROJECT["optional-dependencies"].keys()
    else:
        assert wanted.specifier.contains(PINNED[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("pattern", PYPROJECT["tool"]["setuptools"]["package-data"]["lstmspec"])
def test_data_of_the_package_are_there(pattern):
    assert any(PACKAGE.glob(pattern))


def test_the_description_is_the_first_page():
    assert PROJECT["readme"] == "README.md" and (ROOT / PROJECT["readme"]).is_file()


def test_every_file_of_the_package_that_is_no_code_is_data_of_it():
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["lstmspec"]
    data = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    others = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".md")}
    assert others - data == set()
