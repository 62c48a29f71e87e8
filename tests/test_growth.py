"""Values that helpers read twice, again and again: what is printed grows as the graph does, not as its text would."""

import pytest

from lstmspec import Cell, Input, State, Weight, affine, dims, dot, linear, sigmoid, tanh
from lstmspec.emit import BACKENDS, source
from lstmspec.grad import name_repeated
from lstmspec.nodes import text
from lstmspec.proofs import findings, verify

n, k = dims("n k")


def deep(u, x, depth):
    for _ in range(depth):
        u = u * (x - u)
    return u


def highway(x, u, depth):
    for at in range(depth):
        read = (x, u) if at == 0 else (u,)
        new, gate = tanh(affine(*read, name=f"H{at}")), sigmoid(affine(*read, name=f"T{at}"))
        u = new * gate + u * (1 - gate)
    return u


def reflected(u, normals):
    for v in normals:
        u = u - 2 * dot(u, v) / dot(v, v) * v
    return u


class Deep(Cell):
    x, h = Input(k), State(k)
    h.next = deep(h, x, 18)


class RecurrentHighway(Cell):
    """J. G. Zilly et al., 2017, twelve levels."""

    x, h = Input(n), State(k)
    h.next = highway(x, h, 12)


class Householder(Cell):
    """Z. Mhammedi et al., 2017, twelve reflections."""

    x, h = Input(n), State(k)
    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 = (Weight(k) for _ in range(12))
    h.next = tanh(reflected(h, (v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11)) + linear(x))


CELLS = {"Deep": Deep, "RecurrentHighway": RecurrentHighway, "Householder": Householder}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())


@every_cell
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_a_model_has_few_lines(cell, backend):
    for made in source(cell.system, backend.name).values():
        assert len(made.splitlines()) <= 3000
        assert len(made) <= 250_000


@every_cell
def test_the_adjoint_is_short(cell):
    assert len(str(cell.adjoint)) <= 20_000


@pytest.mark.parametrize("cell", [Deep, RecurrentHighway], ids=lambda cell: cell.__name__)
def test_the_jacobian_is_short(cell):
    assert len(str(cell.jacobian("h.next", "h"))) <= 20_000


@pytest.mark.parametrize("depth", [3, 12])
def test_a_graph_of_shared_values_is_proved(depth):
    """Twelve levels are taken apart where they are printed, three are not."""

    class Shared(Cell):
        x, h = Input(k), State(k)
        h.next = tanh(deep(0.5 * h, x, depth))

    assert (name_repeated(Shared.system) is Shared.system) is (depth == 3)
    assert findings(verify(Shared, quick=True)) == ()


def test_parts_say_what_the_equation_says():
    named = name_repeated(Deep.system)
    equations = [f"{name} = {text(equation.expr)}" for name, equation in named.equations.items()]
    assert equations[:2] == ["h_next_part1 = h * (x - h)", "h_next_part2 = h_next_part1 * (x - h_next_part1)"]
    assert equations[-1] == "h.next = h_next_part17 * (x - h_next_part17)"
