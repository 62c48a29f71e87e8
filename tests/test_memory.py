"""Inference takes memory for the outputs, however long a sequence is; and results are not copied needlessly."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from helpers import CELLS, draw, numpy_module
from users import cells as users

from lstmspec import Cell, CellMeta, Input, Output, State, Weight, affine, dims, outer, tanh
from lstmspec.procedure import Copy, Expand, Lead, Model, Procedure, Read, procedures, walk

OWN = {
    name: cell for name, cell in vars(users).items() if isinstance(cell, CellMeta) and cell.__module__ == "users.cells"
}
ALL = {**OWN, **CELLS}
MATRIX = 2  # axes
n, k, m = dims("n k m")


class MatrixOfTheInput(Cell):
    """A matrix for every step that no state is needed for, read in two equations that no state needs."""

    x, h, M = Input(n), State(k), State(k, k)
    v, w = tanh(affine(x)), Weight(k)
    P = outer(v, v)
    M.next = 0.5 * M + P
    h.next = tanh(affine(x, h))
    r = P @ w
    y = Output(r * (M.next @ h.next) + M.next @ w)


class EmitsMatrices(Cell):
    """What is emitted is kept, whatever it is."""

    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(outer(h.next, h))


ALL |= {cell.__name__: cell for cell in (MatrixOfTheInput, EmitsMatrices)}


def outputs_of(cell: CellMeta) -> Procedure:
    return procedures(Model(cell.system))[0]


# -- matrices of single steps ------------------------------------------------------------------------------------------


def matrices_of_steps(procedure: Procedure) -> list[str]:
    """What of matrices, or of more axes, has an axis of steps, but for arguments and results."""
    wanted = {(value.shape, value.lead) for result in procedure.results[:1] for value in result.values}
    made = [(allocation.buffer.name, allocation.buffer) for allocation in procedure.allocations]
    parts = [(str(line.label.name), part) for line in procedure.assignments for part in walk(line.value)]
    found = [(name, part) for name, part in (*made, *parts) if len(part.shape) >= MATRIX and part.lead >= Lead.STEPS]
    given = [name for name, part in found if isinstance(part, Read) and part.buffer in _given(procedure)]
    return [name for name, part in found if (part.shape, part.lead) not in wanted and name not in given]


def _given(procedure: Procedure) -> list[Any]:
    return [argument.type for argument in procedure.arguments]


@pytest.mark.parametrize("name", ALL)
def test_no_matrix_is_kept_for_every_step(name):
    assert matrices_of_steps(outputs_of(ALL[name])) == []


@pytest.mark.parametrize("name", ["MLSTM", "MatrixOfTheInput", "DeltaRule"])
def test_a_matrix_that_is_kept_is_seen(name):
    """In the pass that keeps what later passes need."""
    assert matrices_of_steps(procedures(Model(ALL[name].system))[1])


# -- vectors of single steps -------------------------------------------------------------------------------------------


def peak(name: str, time: int, size: int, function: str) -> int:
    """The bytes that a function of a NumPy model holds at most, but for its arguments."""
    cell = ALL[name]
    case = draw(cell, (3, size), time, 2)
    module, system = numpy_module(cell), case.system
    params = module.Params.from_spec(case.take(system.parameters))
    arguments = (*case.take(system.inputs).values(), module.State(**case.take(system.states)))
    run = getattr(module, function)
    run(params, *arguments)
    tracemalloc.start()
    run(params, *arguments)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def growth(name: str, times: tuple[int, int], size: int, function: str = "outputs") -> float:
    """How much more memory a longer sequence takes, in numbers of a sample and step."""
    short, long = (peak(name, time, size, function) for time in times)
    return (long - short) / (times[1] - times[0]) / 2 / np.dtype(float).itemsize


@pytest.mark.parametrize("name", ["MLSTM", "MatrixOfTheInput"])
def test_memory_of_matrix_states_does_not_grow_with_short_sequences(name):
    size = 41
    assert growth(name, (11, 101), size) < 20 * size < size**2
    assert growth(name, (11, 101), size, "forward") > size**2  # it keeps them: the measure is one


@pytest.mark.parametrize("name", ["MLSTM", "LSTM", "GRU", "QRNN", "SRUProjected", "LayerNormLSTM", "NAS"])
def test_memory_grows_by_the_outputs_alone_with_long_sequences(name):
    size = 23
    assert size <= round(growth(name, (1024, 3072), size), 1) < 1.2 * size
    assert growth(name, (1024, 3072), size, "forward") > 2 * size


def test_pieces_are_those_of_the_whole():
    """A sequence that is run in pieces, which end between its last steps, gives what the forward pass gives."""
    case = draw(CELLS["MLSTM"], (3, 5), 521, 2)
    module = numpy_module(case.cell)
    params = module.Params.from_spec(case.take(case.system.parameters))
    arguments = (*case.take(case.system.inputs).values(), module.State(**case.take(case.system.states)))
    (ys, state), (expected, last, _) = module.outputs(params, *arguments), module.forward(params, *arguments)
    np.testing.assert_allclose(ys, expected, rtol=0, atol=1e-12)
    for name, value in vars(state).items():
        np.testing.assert_allclose(value, vars(last)[name], rtol=0, atol=1e-12)


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_outputs_are_not_copied(name):
    """But for those that are an argument, or a part of one, or one array for all steps."""
    procedure = outputs_of(ALL[name])
    for value in (value for result in procedure.results for value in result.values):
        if isinstance(value, Copy) and value.lead >= Lead.STEPS:
            given = [part for part in walk(value) if isinstance(part, Read) and part.buffer in _given(procedure)]
            assert given or isinstance(value.arg, Expand)


def test_a_copy_is_seen():
    """The forward pass of an LSTM copies its outputs, which lie in the tape: so the test above would see it."""
    forward = procedures(Model(CELLS["LSTM"].system))[1]
    assert [isinstance(value, Copy) for result in forward.results[:1] for value in result.values] == [True]
