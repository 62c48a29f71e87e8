"""Cells that users write must work the first time, in both backends, with first and second derivatives."""

import ast
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lstmspec import oracle
from lstmspec.cli import main
from lstmspec.emit import BACKENDS
from lstmspec.language import Role
from lstmspec.loading import load
from lstmspec.procedure import folder

HERE = Path(__file__).resolve().parent / "users"
USERS = (HERE / "cells.py").read_text()
VERIFY = (HERE / "verify.py").read_text()
MINE = '''
from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Mine(Cell):
    """A cell of my own."""

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * tanh(affine(x))
'''
NAMES = [node.name for node in ast.parse(USERS).body if isinstance(node, ast.ClassDef)]
SIZES = (2, 3, 5, 7)  # of the dimension symbols, in declared order: distinct primes
TIME, BATCH = 4, 3
MODELS = tuple(backend.name for backend in BACKENDS)
CHECKS = (*MODELS, "gradients", "gradcheck", "gradgradcheck", "usable")


def invoke(*arguments):
    """`lstmspec generate` in this process."""
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def case_of(cell):
    """Random data for a cell, and what the interpreter of its equations makes of them."""
    system, shapes = cell.system, cell.shapes.require()
    sizes = dict(zip(shapes.dims, SIZES, strict=False))
    rng = np.random.default_rng(len(cell.__name__))

    def draw(names, *lead):
        shape = {name: (*lead, *(size.at(sizes) for size in shapes.of[name])) for name in names}
        return {name: np.asarray(rng.normal(0.05, 0.4, shape[name])) for name in names}

    at = draw(system.parameters), draw(system.inputs, TIME, BATCH), draw(system.states, BATCH)
    ys, finals = oracle.sequence(system, *at, sizes)
    return {
        "folder": folder(cell.__name__),
        "sizes": sizes,
        "batch": BATCH,
        "constants": {name: symbol.value for name, symbol in system.symbols.items() if symbol.role is Role.CONSTANT},
        **dict(zip(("parameters", "inputs", "states"), at, strict=True)),
        "ys": ys,
        "finals": finals,
        "d": {"output": rng.normal(size=ys.shape)} | {name: rng.normal(size=v.shape) for name, v in finals.items()},
    }


def verified(place, source):
    """{cell: {check: what is wrong}} of the cells in a user's file."""
    (place / "cells.py").write_text(source)
    done = invoke(place / "cells.py", "--out", place / "models")
    assert done.exit_code == 0, done.output
    cases = {cell.__name__: case_of(cell) for cell in load([str(place / "cells.py")])}
    (place / "cases.pickle").write_bytes(pickle.dumps(cases))
    (place / "verify.py").write_text(VERIFY)
    command = [sys.executable, "-W", "error", "verify.py", "cases.pickle", *CHECKS]
    child = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory):
    return verified(tmp_path_factory.mktemp("users"), USERS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", CHECKS)
def test_a_users_cell_works_the_first_time(check, name, verdicts):
    assert verdicts[name][check] == ""


def test_the_checks_of_users_cells_can_fail(tmp_path):
    found = verified(tmp_path, MINE)
    assert found == {"Mine": dict.fromkeys(CHECKS, "")}
    line = "h_next = z * h + "
    for kind in MODELS:
        path = tmp_path / "models" / "mine" / f"{kind}.py"
        assert line in path.read_text()
        path.write_text(path.read_text().replace(line, "h_next = z * h - "))
    command = [sys.executable, "-W", "error", "verify.py", "cases.pickle", *CHECKS]
    child = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    wrong = {check: text != "" for check, text in json.loads(child.stdout)["Mine"].items()}
    assert wrong == {check: check in ("numpy", "gradcheck", "gradgradcheck") for check in CHECKS}
