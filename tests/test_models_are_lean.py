"""Generated text has nothing in it that is not needed, and nothing in a loop that could stand before it."""

import ast
import re
import sys
from collections.abc import Iterator

import pytest
from helpers import CELLS
from users import cells as users

from lstmspec import Cell, CellMeta, Input, State, affine, dims, hard_sigmoid, tanh
from lstmspec.emit import BACKENDS, generate
from lstmspec.procedure import Apply, Constant, Expr, Extent, Fill, Lead, Local, Model, Number, Read, procedures, walk

n, k = dims("n k")
OWN = {
    name: cell for name, cell in vars(users).items() if isinstance(cell, CellMeta) and cell.__module__ == "users.cells"
}
LABEL, LINE, FILE, ZOO = 120, 140, 900, 42_000
MAKERS = {"full", "ones", "zeros", "empty", "eye", "asarray", "array", "tensor", "scalar_tensor", "arange", "linspace"}
PASSES = ("_outputs", "_forward", "_backward", "_adjoint", "_tangent")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The files of the zoo, and those of users' cells, by path."""
    found = dict(generate([cell.system for cell in CELLS.values()]).files)
    for name, cell in OWN.items():
        made = generate([cell.system]).files.items()
        found |= {f"{name}:{path}": text for path, text in made if "/" in path and not path.startswith("_")}
    return found


def of_cells(texts: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in texts.items() if "/" in path and not path.startswith("_")}


# -- names -------------------------------------------------------------------------------------------------------------


def loaded(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def unused(text: str) -> set[str]:
    """Names of a module that it imports or defines, and does not read; variables of its functions likewise."""
    tree, found = ast.parse(text), set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    found -= loaded(tree)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        found |= {f"{function.name}.{name}" for name in own - loaded(function) - {"_"}}
    return found


def test_what_a_module_imports_or_defines_it_uses(texts):
    """But for the last thing that it defines, a model's class, which is for others to import."""
    for path, text in of_cells(texts).items():
        last = ast.parse(text).body[-1]
        assert unused(text) <= ({last.name} if isinstance(last, ast.ClassDef) else set()), path


@pytest.mark.parametrize(
    "line", ["import math", "from .._runtime.words import sigmoid", "def helper(): ...", "class A: ..."]
)
def test_an_unused_name_is_seen(line):
    assert unused(f"{line}\nx = 1\n")
    assert unused("def f(a):\n    b = a\n    return a\n") >= {"f.b"}


class HardGate(Cell):
    """A cell whose only sigmoids are hard."""

    x, h = Input(n), State(k)
    z = hard_sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * tanh(affine(x, h))


def words(files: dict[str, str]) -> set[str]:
    """The names that the files of cells read, define or import."""
    nodes = [node for text in of_cells(files).values() for node in ast.walk(ast.parse(text))]
    return {getattr(node, "id", getattr(node, "attr", getattr(node, "name", ""))) for node in nodes}


def test_a_cell_with_hard_sigmoids_has_no_sigmoid():
    assert "sigmoid" not in words(generate([HardGate.system]).files)
    assert "sigmoid" in words(generate([CELLS["GRU"].system]).files)


# -- constants ---------------------------------------------------------------------------------------------------------


def made_in_loops(text: str) -> Iterator[str]:
    """Calls in loops of passes that make an array of one number."""
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name in PASSES)
    for loop in (node for function in functions for node in ast.walk(function) if isinstance(node, ast.For)):
        for call in ast.walk(loop):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                if call.func.attr.removeprefix("new_").removesuffix("_like") in MAKERS:
                    yield ast.unparse(call)


def test_no_constant_is_made_in_a_loop(texts):
    assert {path: found for path, text in of_cells(texts).items() if (found := list(made_in_loops(text)))} == {}


@pytest.mark.parametrize("call", ["torch.full((), 1.0)", "np.ones(3)", "xs.new_zeros(3)", "np.full_like(x, 2)"])
def test_a_constant_that_is_made_in_a_loop_is_seen(call):
    assert list(made_in_loops(f"def _outputs(x):\n    for at in range(3):\n        y = {call} * x\n")) == [call]
    assert list(made_in_loops(f"def _outputs(x):\n    c = {call}\n    for at in range(3):\n        y = c * x\n")) == []


def follows_from_nothing(expr: Expr) -> bool:
    """Whether an expression is made of numbers and sizes alone."""
    return not any(isinstance(part, Local | Read | Constant) for part in walk(expr))


@pytest.mark.parametrize("name", [*CELLS, *OWN])
def test_no_number_is_computed_or_kept_for_every_step(name):
    """No line of a loop, no part of one and no array of a tape follows from numbers and sizes alone."""
    model = Model({**OWN, **CELLS}[name].system)
    for procedure in procedures(model):
        for line in procedure.loop.body:
            assert not follows_from_nothing(line.value), f"{procedure.name}: {line.label.name}"
            parts = [part for part in walk(line.value) if isinstance(part, Apply) and follows_from_nothing(part)]
            assert parts == [], f"{procedure.name}: {line.label.name}"
        constant = {line.target.name for line in procedure.assignments if follows_from_nothing(line.value)}
        for tape in (result for result in procedure.results if result.name == "tape"):
            for value, buffer in zip(tape.values, tape.type.fields, strict=True):
                of_steps = buffer.lead is not Lead.NONE
                assert not (of_steps and (follows_from_nothing(value) or buffer.name in constant)), buffer.name


def test_sizes_and_numbers_follow_from_nothing():
    nothing = (Number((), 0, 1.0), Extent((), 0, None), Fill((), 0, 1.0))
    assert all(follows_from_nothing(Apply((), 0, "sqrt", (one,))) for one in nothing)
    assert not follows_from_nothing(Apply((), 0, "mul", (nothing[0], Local((), 1, "h"))))


# -- lines -------------------------------------------------------------------------------------------------------------


def times_ones(text: str) -> list[str]:
    """Products with an array of ones that the cell's own equations do not have."""
    found = []
    for node in ast.walk(ast.parse(text)):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) else []
        calls = [ast.unparse(side.func) for side in sides if isinstance(side, ast.Call)]
        found += [ast.unparse(node) for call in calls if call.rpartition(".")[2] in ("ones", "new_ones", "ones_like")]
    return found


def test_lines_can_be_read(texts):
    for path, text in texts.items():
        lines = text.splitlines()
        assert len(lines) <= FILE, path
        assert max(map(len, lines), default=0) <= LINE, path
        assert [line for line in lines if line.strip().startswith("#") and len(line.strip()) > LABEL] == [], path
        assert "sub_sub_" not in text, path


def test_nothing_is_multiplied_by_ones(texts):
    own = {path: text for path, text in of_cells(texts).items() if " ones(" not in text.partition("Shapes:")[0]}
    assert {path: found for path, text in own.items() if (found := times_ones(text))} == {}
    assert times_ones("u = xs.new_ones((k,)) * v") == ["xs.new_ones((k,)) * v"]


def test_the_zoo_is_small(texts):
    """All that `generate` writes for it."""
    found = {path: text for path, text in texts.items() if ":" not in path}
    assert len({path.partition("/")[0] for path in of_cells(found)}) == len(CELLS)
    assert sum(len(text.splitlines()) for text in found.values()) <= ZOO


# -- what it says of itself --------------------------------------------------------------------------------------------


def imported(text: str) -> set[str]:
    """The packages that a file imports from outside."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found


@pytest.mark.parametrize("backends", [BACKENDS, *((backend,) for backend in BACKENDS)], ids=len)
def test_the_package_names_all_that_it_imports(backends):
    files = generate([CELLS["PhasedLSTM"].system, CELLS["MLSTM"].system], backends=backends).files
    (always, one_more) = re.findall(
        r"They import (.*) and one another; those for PyTorch, (.*)\.", files["__init__.py"]
    )[0]
    outside = {name for text in files.values() for name in imported(text)} - set(sys.stdlib_module_names)
    assert {*always.split(", ")} <= outside <= {*always.split(", "), one_more}
    assert (one_more in outside) is (any(backend.title == "PyTorch" for backend in backends))
