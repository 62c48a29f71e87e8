"""Faults in all that makes first values are seen: in the tables of a cell, in the rules, in what fills arrays."""

import functools
from collections.abc import Callable

import pytest
import test_init_rules
from starting import Alike, Compound, Gates, Redrawn, Start, Vectors, Whole, start_of

from lstmspec import CellMeta
from lstmspec.emit import BACKENDS, Backend, drafted, package_of
from lstmspec.procedure import folder

PROMISES = {promise.__name__: promise for _, promise in test_init_rules.PROMISES}
OF_CELL = dict(reversed(test_init_rules.PROMISES))  # the first one of each
RUNTIME = "_runtime"  # its folder in a generated package
SIGNS = "an_orthogonal_matrix_favours_none"

TABLES = (  # cell, what its tables say, what they are made to say
    (Gates, "Start('glorot_uniform')", "Start('lecun_uniform')"),
    (Gates, "Start('lecun_uniform')", "Start('glorot_uniform')"),
    (Gates, "Start('identity', (0.5,))", "Start('identity', (0.55,))"),
    (Gates, "Start('orthogonal', (1.5,))", "Start('orthogonal', (1.0,))"),
    (Gates, "Start('spread', (-1.0, 2.0))", "Start('spread', (2.0, -1.0))"),
    (Gates, "Start('constant', (1.0,))", "Start('constant', (0.0,))"),
    (Gates, "Piece('b_o')", "Piece(parameter='b_o', first=(Start('constant', (0.0,)),))"),
    (Alike, "Piece('W_o', '0', 'n', (Start('lecun_uniform'),))", "Piece('W_o', '0', 'n')"),
    (Whole, "'normal', (0.2,)", "'normal', (0.25,)"),
    (Whole, "start='n', stop='2*n'", "start='0', stop='2*n'"),
    (Whole, "Start('identity', (-1.0,)", "Start('identity', (1.0,)"),
    (Vectors, "(0.3,)", "(0.35,)"),
    (Vectors, "(-0.5, 1.5)", "(-0.5, 1.6)"),
    (Vectors, "(50.0,)", "(46.0,)"),
    (Vectors, "(0.01, 100.0)", "(0.011, 100.0)"),
    (Vectors, "(3.0, 6.0)", "(3.0, 6.01)"),
    (Vectors, "(-2.5,)", "(2.5,)"),
    (Compound, "'uniform', (4.0, 5.0)", "'normal', (4.5,)"),
    (Redrawn, "bound='k'", "bound='n'"),
)
SHARED = (  # the file of the runtime, the cell that shows it, its text, another text
    ("parameters.py", Gates, "part(array, place, len(pieces))", "array"),
    ("parameters.py", Whole, "columns(whole, start.start, start.stop, sizes) if start else whole", "whole"),
)
RULES = (
    ("numpy.py", Redrawn, "sizes) ** -0.5", "sizes) ** -0.4"),
    ("numpy.py", Vectors, "rng.uniform(-limit, limit", "rng.uniform(0, limit"),
    ("numpy_words.py", Gates, "np.where(np.diagonal(r) < 0, -1, 1)", "(1 + np.diagonal(r))"),
    ("numpy_words.py", Whole, "q if shape[0] >= shape[1] else q.T", "q.reshape(shape)"),
    ("numpy_words.py", Gates, "math.sqrt(6 / sum(shape))", "math.sqrt(3 / shape[0])"),
    ("numpy_words.py", Alike, "math.sqrt(6 / sum(shape))", "math.sqrt(6 / (4 * shape[0] + shape[1]))"),
    ("numpy_words.py", Gates, "3 / shape[1]", "3 / shape[0]"),
    ("numpy_words.py", Gates, "scale * np.eye(*shape)", "scale * np.eye(*shape)[::-1]"),
    ("numpy_words.py", Gates, "np.linspace(low, high", "np.linspace(high, low"),
    ("numpy_words.py", Vectors, "rng.normal(0, std", "rng.normal(0, 1.2 * std"),
    ("numpy_words.py", Vectors, "steps - 1", "steps - 5"),
    ("numpy_words.py", Vectors, "np.full(shape, value)", "np.full(shape, abs(value))"),
    ("torch.py", Redrawn, "sizes) ** -0.5", "sizes) ** -0.4"),
    ("torch.py", Vectors, "uniform_(-limit, limit)", "uniform_(0, limit)"),
    ("torch_words.py", Gates, "torch.nn.init.xavier_uniform_", "lambda a: torch.nn.init.xavier_uniform_(a, 1.1)"),
    ("torch_words.py", Gates, ', nonlinearity="linear"', ""),
    ("torch_words.py", Gates, "fill_diagonal_(scale)", "fill_diagonal_(2 * scale)"),
    ("torch_words.py", Gates, "zero_().fill_diagonal_(", "fill_(0.1).fill_diagonal_("),
    ("torch_words.py", Gates, "torch.linspace(low, high", "torch.linspace(high, low"),
    ("torch_words.py", Whole, "device=array.device), gain)", "device=array.device), 1.0)"),
    ("torch_words.py", Vectors, "normal_(0, std)", "normal_(0, 1.2 * std)"),
    ("torch_words.py", Vectors, "steps - 1", "steps - 5"),
    ("torch_words.py", Vectors, "math.log(low)", "math.log(1.1 * low)"),
    ("torch_words.py", Vectors, "fill_(value)", "fill_(-value)"),
)


@functools.cache
def files_of(cell: CellMeta, name: str) -> dict[str, str]:
    return drafted([cell.system], [backend for backend in BACKENDS if backend.name == name])


def sees(backend: Backend, cell: CellMeta, path: str, old: str, new: str, promise: Callable[[Start], None]) -> None:
    """Assert that a promise, which the tests of rules hold, fails for a package with another text in one file."""
    files = files_of(cell, backend.name)
    assert old in files[path], f"no `{old}` in {path}: the planted fault has to be rewritten"
    with package_of({**files, path: files[path].replace(old, new)}) as package:
        start = start_of(backend.runner(package, folder(cell.__name__)), cell)
        with pytest.raises(AssertionError):
            promise(start)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
@pytest.mark.parametrize(("cell", "old", "new"), TABLES)
def test_a_fault_in_the_tables_of_a_cell_is_seen(cell, old, new, backend):
    sees(backend, cell, f"{folder(cell.__name__)}/__init__.py", old, new, OF_CELL[cell])


@pytest.mark.parametrize(
    ("backend", "file", "cell", "old", "new"),
    [(b, *fault) for b in BACKENDS for fault in (*SHARED, *RULES) if fault in SHARED or fault[0] in b.runtime],
)
def test_a_fault_in_the_runtime_is_seen(backend, file, cell, old, new):
    sees(backend, cell, f"{RUNTIME}/{file}", old, new, OF_CELL[cell])


def test_signs_that_a_factorisation_fixes_are_seen():
    found = [b for b in BACKENDS if "numpy_words.py" in b.runtime]
    old = "np.where(np.diagonal(r) < 0, -1, 1)"
    assert found
    sees(found[0], Gates, f"{RUNTIME}/numpy_words.py", old, "1", PROMISES[SIGNS])


def test_every_backend_has_faults_of_its_own():
    assert all(any(file in backend.runtime for file, *_ in RULES) for backend in BACKENDS)
