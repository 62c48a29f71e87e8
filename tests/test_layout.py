"""The house rules that a machine can check: imports point one way, cells are known to zoo/ alone, scripts are thin."""

import ast
import importlib
import pathlib
import re
import subprocess
import sys
import types

import pytest

import lstmspec
from lstmspec import SpecError, stages, zoo
from lstmspec.loading import load

ROOT = pathlib.Path(lstmspec.__file__).parent
STAGES = list(stages.STAGES)
ARROWS = " → ".join(STAGES)
FILES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "codes")  # those are data
SCRIPTS = ROOT.parent / "scripts"
ENTRIES = sorted(SCRIPTS.rglob("*.py"))
LINES = 60  # of a script


def stage_of(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_stages(path: pathlib.Path, source: str) -> set[str]:
    """The stages that a file imports; from the package itself, as cells do, all that its `__init__` imports."""
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            parts = [*base, *(node.module or "").split(".")] if node.module else list(base)
            names = [parts[0]] if parts and parts[0] else [alias.name for alias in node.names]
            found |= {name for name in names if name in STAGES}
        elif isinstance(node, ast.ImportFrom) and node.module == ROOT.name:
            found |= imported_stages(ROOT / "__init__.py", (ROOT / "__init__.py").read_text())
        elif isinstance(node, ast.ImportFrom | ast.Import):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            inside = [str(module).split(".")[1] for module in modules if str(module).startswith(f"{ROOT.name}.")]
            found |= {name for name in inside if name in STAGES}
    return found


def against_the_stream(path: pathlib.Path, source: str) -> list[str]:
    own = stage_of(path)
    if own not in STAGES:
        return []
    return [name for name in imported_stages(path, source) if STAGES.index(name) > STAGES.index(own)]


def test_every_module_belongs_to_a_stage():
    assert {stage_of(path) for path in FILES} - set(STAGES) == {"__init__", "__main__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    assert against_the_stream(path, path.read_text()) == []


def test_no_stage_is_hidden_by_a_function_of_its_name():
    """`import lstmspec.checker as c` has to give the package."""
    for name in STAGES:
        assert isinstance(importlib.import_module(f"lstmspec.{name}"), types.ModuleType)
        assert isinstance(getattr(lstmspec, name), types.ModuleType)


def test_what_lists_the_stages_lists_these():
    assert " ".join(lstmspec.__doc__.split()).count(ARROWS) == 1
    assert " ".join((ROOT.parent / "CONTRIBUTING.md").read_text().replace("`", "").split()).count(ARROWS) == 1


@pytest.mark.parametrize(
    "source", ["from ..checker import check", "from lstmspec.checker import check", "import lstmspec.checker"]
)
def test_an_import_against_the_stream_is_seen(source):
    path = ROOT / "sizes" / "_size.py"
    assert against_the_stream(path, source) == ["checker"]


def test_an_import_of_the_package_is_one_of_all_that_it_imports():
    assert "convert" in imported_stages(ROOT / "zoo" / "one.py", "from lstmspec import Cell")
    assert "auditor" in against_the_stream(ROOT / "convert" / "_tables.py", "from lstmspec import Cell")


def test_layouts_are_read_without_the_built_in_cells():
    """They are data; a cell of the zoo imports the package, which imports the reader."""
    source = (
        "import sys\nfrom lstmspec import *\nn, k = dims('n k')\n"
        "class Elman(Cell):\n    x, h = Input(n), State(k)\n    h.next = tanh(affine(x, h))\n"
        "assert layout(Elman, 'keras').shapes\n"
        "print(*[name for name in sys.modules if name.startswith('lstmspec.zoo')])"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_inside_a_function(path):
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = [node for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert inside == []


HEAVY = (
    "torch",
    "rich",
    *(f"lstmspec.{name}" for name in ("mutation", "audit_trial", "conformance", "benchmark", "cli")),
    *(f"lstmspec.zoo.{path.name}" for path in (ROOT / "zoo").iterdir() if (path / "__init__.py").is_file()),
)


def loaded_by(module: str, then: str = "pass") -> set[str]:
    """The heavy modules that importing a module loads, and a statement after it, in a process of its own."""
    source = f"import sys, {module}; {then}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return set(HEAVY) & set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("lstmspec", set()),
        ("lstmspec.cli", {"lstmspec.cli"}),
        ("lstmspec.mutation", {"lstmspec.mutation"}),
        ("lstmspec.static_shapes", set()),
        ("lstmspec.terminal", {"rich"}),
    ],
)
def test_what_is_heavy_is_loaded_where_it_is_needed(module, heavy):
    assert loaded_by(module) == heavy


# -- the folder of built-in cells --------------------------------------------------------------------------------------

FOLDERS = sorted(path.parent for path in (ROOT / "zoo").glob("*/__init__.py"))


def test_loading_the_built_in_cells_imports_no_folder_beside_them():
    assert FOLDERS
    assert loaded_by("lstmspec.zoo", "assert len(lstmspec.zoo.cells()) > 40") == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_beside_the_built_in_cells_declares_none(folder):
    with pytest.raises(SpecError, match=r"no file below `.*` declares a cell"):
        load([str(folder)])
    assert not [cell for cell in zoo.cells().values() if cell.__module__.startswith(f"lstmspec.zoo.{folder.name}")]


def test_searching_the_folder_of_built_in_cells_needs_no_pytorch():
    assert loaded_by("lstmspec.loading", "lstmspec.loading.load(['lstmspec/zoo'])") <= {"lstmspec.zoo.forecast"}


def foreign_imports(source: str) -> set[str]:
    """The modules that a transcription of papers imports, but for those that it may."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    found = {"." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
             for node in nodes}  # fmt: skip
    return found - {"__future__", "types", "collections.abc", "torch", "._steps"}


def test_transcriptions_of_papers_know_nothing_of_the_specs():
    files = [*(ROOT / "zoo" / "counterparts").glob("papers_*.py"), ROOT / "zoo" / "counterparts" / "_steps.py"]
    assert len(files) > 4
    assert {path.name: found for path in files if (found := foreign_imports(path.read_text()))} == {}
    assert foreign_imports("from ..lstm import LSTM\nimport lstmspec") == {"..lstm", "lstmspec"}


def names_a_cell(source: str) -> list[str]:
    known = {name.lower() for name in zoo.cells()}
    strings = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [value for value in strings if isinstance(value, str) and value.strip().lower() in known]


@pytest.mark.parametrize("path", [p for p in FILES if "zoo" not in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_outside_zoo_knows_a_cell_by_name(path):
    assert names_a_cell(path.read_text()) == []


def test_a_cell_named_outside_zoo_is_seen():
    assert names_a_cell("if cell == 'GRU': pass") == ["GRU"]


# -- private modules ---------------------------------------------------------------------------------------------------


def imported(source: str, package: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All that a file of a package imports, as dotted paths; those of `lstmspec` alone."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            found += [(*base, *module, alias.name) for alias in node.names]
    return [path for path in found if path[0] == "lstmspec"]


def reached_into(source: str, package: tuple[str, ...] = ()) -> list[str]:
    """The private names that a file imports from a package that it does not lie in."""
    found = []
    for path in imported(source, package):
        private = next((at for at, part in enumerate(path) if part.startswith("_") and part != "__version__"), None)
        if private is not None and package[:private] != path[:private]:
            found.append(".".join(path))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_private_to_a_package_is_imported_there_alone(path):
    package = ("lstmspec", *path.relative_to(ROOT).parts[:-1])
    assert reached_into(path.read_text(), package) == []


@pytest.mark.parametrize(
    ("source", "package", "private"),
    [
        ("from ..loading._load import load", ("lstmspec", "mutation"), "lstmspec.loading._load.load"),
        ("from .. import _x", ("lstmspec", "mutation", "a"), None),
        ("from ._x import y", ("lstmspec", "mutation"), None),
        ("from lstmspec.loading._load import load", (), "lstmspec.loading._load.load"),
        ("import lstmspec.emit._render", (), "lstmspec.emit._render"),
        ("from lstmspec.emit import _render", (), "lstmspec.emit._render"),
        ("from lstmspec import __version__", (), None),
        ("from importlib._x import y", (), None),
    ],
)
def test_a_private_import_is_seen(source, package, private):
    assert reached_into(source, package) == ([] if private is None else [private])


# -- scripts -----------------------------------------------------------------------------------------------------------


def edits_the_path(source: str) -> bool:
    """Whether a file touches sys.path, or has site do it."""
    nodes = list(ast.walk(ast.parse(source)))
    attributes = {
        (node.value.id, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    names = {(node.module, alias.name) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return bool({("sys", "path"), ("site", "addsitedir")} & (attributes | names))


def faults_of_script(source: str) -> list[str]:
    lines = len(source.splitlines())
    found = [f"{lines} lines, more than {LINES}"] if lines > LINES else []
    found += ["it edits sys.path"] if edits_the_path(source) else []
    found += [f"it imports {name}, which is private" for name in reached_into(source)]
    return found + [f"it names the cell {name}" for name in names_a_cell(source)]


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_a_script_is_an_entry(path):
    assert faults_of_script(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1\n" * 61, "61 lines, more than 60"),
        ("import sys\nsys.path.insert(0, '.')", "it edits sys.path"),
        ("from sys import path", "it edits sys.path"),
        ("from lstmspec.loading._load import load", "it imports lstmspec.loading._load.load, which is private"),
        ("rows = {'lstm': 1}", "it names the cell lstm"),
    ],
)
def test_a_script_that_is_none_is_seen(source, fault):
    assert faults_of_script(source) == [fault]


def glossary() -> list[tuple[list[str], list[str]]]:
    """The words of each row of the glossary, and where it says that they are."""
    text = (ROOT.parent / "CONTRIBUTING.md").read_text().split("## Glossary")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][2:]
    return [(row[0].split(", "), re.findall(r"`([^`]+)`", row[-1])) for row in rows]


def test_every_word_of_the_glossary_is_there_once_with_a_place_that_is_there():
    words = [word for row, _ in glossary() for word in row]
    assert len(words) > 25 and len(set(words)) == len(words)
    assert {"part", "slot", "block", "site", "place", "upstream", "tape"} <= set(words)
    assert [where for _, places in glossary() for where in places if not (ROOT / where).exists()] == []


def test_words_of_the_glossary_that_are_classes_are_one_class_each():
    found = [
        node.name for path in FILES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)
    ]
    classes = [word.capitalize() for row, _ in glossary() for word in row]
    assert {name: found.count(name) for name in classes if found.count(name) > 1} == {}
