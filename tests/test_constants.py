"""Constants of models: seen in `print`, kept by checkpoints, pickles and copies, and finite numbers or refused."""

import copy
import io
import math
import pickle
import re

import numpy as np
import pytest
import torch
from helpers import CELLS, close, draw, every_backend, numpy_module, runner, torch_module

from lstmspec import Cell, Constant, Input, State, affine, dims, tanh
from lstmspec.language import Role

n, k = dims("n k")


class TwoConstants(Cell):
    """More than one, one of them not a power of two."""

    x, h = Input(n), State(k)
    alpha, beta = Constant(0.25), Constant(-3.1)
    h.next = alpha * h + beta * tanh(affine(x, h))


WITH = {name: cell for name, cell in CELLS.items() if cell.system.having(Role.CONSTANT)} | {
    "TwoConstants": TwoConstants
}
SIZES = (3, 5)
BAD = [math.nan, math.inf, -math.inf, 10**400, "1", None, True, 1j, [0.5]]
with_constants = pytest.mark.parametrize("name", WITH)


def others(name):
    """A value for each constant, none of them its default."""
    return {
        str(symbol): 0.375 + place + (WITH[name].system.symbols[symbol].value or 0.0)
        for place, symbol in enumerate(WITH[name].system.having(Role.CONSTANT))
    }


def modules(name, **constants):
    """A PyTorch module, and one with the defaults, which are others."""
    made = getattr(torch_module(WITH[name]), name)
    return made(*SIZES[: len(WITH[name].shapes.dims)], **constants), made(*SIZES[: len(WITH[name].shapes.dims)])


def found_in(module, name):
    return {constant: getattr(module, constant) for constant in others(name)}


def test_the_zoo_has_such_cells():
    assert len(WITH) >= 3


# -- kept and shown ----------------------------------------------------------------------------------------------------


@with_constants
def test_they_are_shown(name):
    module, _ = modules(name, **others(name))
    for constant, value in others(name).items():
        assert f"{constant}={value}" in module.extra_repr() and f"{constant}={value}" in repr(module)
    params = numpy_module(WITH[name]).init(np.random.default_rng(1), *SIZES, **others(name))
    assert all(f"{constant}={value}" in repr(params) for constant, value in others(name).items())


@with_constants
def test_a_checkpoint_restores_them(name):
    module, fresh = modules(name, **others(name))
    assert found_in(fresh, name) != others(name)
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    assert found_in(fresh, name) == others(name)
    xs = [torch.randn(7, 2, *parameter) for parameter in input_shapes(name)]
    assert torch.equal(module(*xs)[0], fresh(*xs)[0])


def input_shapes(name):
    cell = WITH[name]
    sizes = dict(zip(cell.shapes.dims, SIZES, strict=False))
    return [tuple(size.at(sizes) for size in cell.shapes.of[x]) for x in cell.system.inputs]


@with_constants
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_have_them(name, copied):
    module, _ = modules(name, **others(name))
    assert found_in(copied(module), name) == others(name)


@with_constants
def test_a_checkpoint_of_a_larger_module_has_them(name):
    module, fresh = modules(name, **others(name))
    outer, inner = torch.nn.ModuleDict({"rnn": module}), torch.nn.ModuleDict({"rnn": fresh})
    inner.load_state_dict(outer.state_dict())
    assert found_in(inner["rnn"], name) == others(name)


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_cells_without_constants_have_nothing_but_parameters(name):
    module = getattr(torch_module(CELLS[name]), name)(*SIZES)
    assert set(module.state_dict()) == {key for key, _ in module.named_parameters()}


@with_constants
@every_backend
def test_values_depend_on_them(name, backend):
    """So that one which is forgotten is seen: outputs differ from those with the defaults."""
    case = draw(WITH[name], SIZES)
    other = type(case)(case.cell, case.sizes, case.at, case.d, case.v, others(name))
    model = runner(WITH[name], backend)
    assert not np.array_equal(model.outputs(case)["output"], model.outputs(other)["output"])
    close(model.outputs(other)["output"], model.forward(other)["output"], 1e-12)


# -- refused -----------------------------------------------------------------------------------------------------------


def words(owner, constant, value):
    return re.escape(f"{owner}: {constant} = {value!r} is no constant; expected a finite number")


@pytest.mark.parametrize("value", BAD, ids=lambda value: f"{value!r:.9}")
@with_constants
def test_what_is_no_finite_number_is_refused(name, value):
    cell, constant = WITH[name], next(iter(others(name)))
    nm, made = numpy_module(cell), getattr(torch_module(cell), name)
    sizes, folder = SIZES[: len(cell.shapes.dims)], numpy_module(cell).__name__.split(".")[-2]
    spec = nm.init(np.random.default_rng(1), *sizes).to_spec()
    with pytest.raises(ValueError, match=words(name, constant, value)):
        made(*sizes, **{constant: value})
    with pytest.raises(ValueError, match=words(f"{folder}.init", constant, value)):
        nm.init(np.random.default_rng(1), *sizes, **{constant: value})
    with pytest.raises(ValueError, match=words(f"{name}.from_spec", constant, value)):
        nm.Params.from_spec(spec, **{constant: value})
    with pytest.raises(ValueError, match=words(name, constant, value)):
        made.from_spec({key: torch.tensor(array) for key, array in spec.items()}, **{constant: value})


@with_constants
def test_a_checkpoint_with_wrong_constants_is_refused(name):
    module, fresh = modules(name, **others(name))
    constant = next(iter(others(name)))
    state = module.state_dict()
    for wrong in (math.nan, math.inf, "1"):
        state["_extra_state"] = {**others(name), constant: wrong}
        with pytest.raises(ValueError, match=words(name, constant, wrong)):
            fresh.load_state_dict(state)
    for entries in ({}, {**others(name), "gamma": 1.0}):
        state["_extra_state"] = entries
        with pytest.raises(ValueError, match="the checkpoint has constants"):
            fresh.load_state_dict(state)
    assert found_in(fresh, name) == found_in(modules(name)[1], name)  # nothing was taken


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(2), 2, 0, -0.0])
@with_constants
def test_numbers_of_other_types_are_taken(name, number):
    constant = next(iter(others(name)))
    module, _ = modules(name, **{constant: number})
    assert (type(getattr(module, constant)), getattr(module, constant)) == (float, float(number))


@pytest.mark.parametrize("value", [*BAD, torch.nn.Parameter(torch.tensor(0.5))], ids=lambda value: f"{value!r:.9}")
@with_constants
def test_one_that_is_assigned_later_is_refused_when_it_is_used(name, value):
    """A parameter would be read, and would get no gradient."""
    constant, case = next(iter(others(name))), draw(WITH[name], SIZES)
    module, nm = modules(name)[0], numpy_module(WITH[name])
    params = nm.init(np.random.default_rng(1), *SIZES[: len(WITH[name].shapes.dims)])
    xs = [case.at[x] for x in WITH[name].system.inputs]
    state = nm.State(*(case.at[h] for h in WITH[name].system.states))
    setattr(module, constant, value)
    setattr(params, constant, value)
    with pytest.raises(ValueError, match=words(name, constant, value)):
        module(*(torch.tensor(array, dtype=torch.float32) for array in xs))
    with pytest.raises(ValueError, match=words(f"{nm.__name__.split('.')[-2]}.outputs", constant, value)):
        nm.outputs(params, *xs, state)


@with_constants
def test_one_that_is_assigned_later_counts(name):
    given, assigned = modules(name, **others(name))
    assigned.load_state_dict({**given.state_dict(), "_extra_state": assigned.get_extra_state()})
    for constant, value in others(name).items():
        setattr(assigned, constant, np.float32(value))
    xs = [torch.randn(7, 2, *shape) for shape in input_shapes(name)]
    assert torch.equal(given(*xs)[0], assigned(*xs)[0])
