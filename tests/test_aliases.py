"""Nothing that a model returns lies in an argument, a parameter or another result: whoever changes one changes that."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from helpers import CELLS, draw, numpy_module, runner, tensors, torch_module
from users import cells as users

from lstmspec import CellMeta
from lstmspec.emit import BACKENDS, Case

OWN = {
    name: cell for name, cell in vars(users).items() if isinstance(cell, CellMeta) and cell.__module__ == "users.cells"
}
ALL = {**OWN, **CELLS}
SIZES = (3, 5, 2)
TIMES = (0, 1, 3)
every_cell = pytest.mark.parametrize("cell", ALL.values(), ids=ALL.keys())
with_parameters = pytest.mark.parametrize("name", [name for name in ALL if ALL[name].system.parameters])
every_time = pytest.mark.parametrize("time", TIMES)


# -- memory ------------------------------------------------------------------------------------------------------------


def arrays_in(value: Any) -> Iterator[Any]:
    """The arrays of records, sequences and tables."""
    if isinstance(value, np.ndarray | torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from arrays_in(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from arrays_in(part)
    elif hasattr(value, "__dataclass_fields__"):
        yield from arrays_in(vars(value))


def share(one: Any, other: Any) -> bool:
    """Whether two arrays have memory in common; arrays of no elements have none, but may be one object."""
    if one is other:
        return True
    if isinstance(one, torch.Tensor):
        return one.numel() > 0 and one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
    return bool(np.shares_memory(one, other))


def is_own(results: Any, given: Any) -> None:
    """Assert that no array of the results shares memory with one that is given, nor with another result."""
    found, others = list(arrays_in(results)), list(arrays_in(given))
    assert found, "no results"
    for place, one in enumerate(found):
        assert not any(share(one, other) for other in others), f"result {place} lies in an argument"
        assert not any(share(one, other) for other in found[:place]), f"result {place} lies in another one"


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_shared_memory_is_seen(make):
    whole, other = make((3, 5)), make((3, 5))
    for view in (whole, whole[1:], whole.T, whole.reshape(5, 3), whole[:, 2]):
        with pytest.raises(AssertionError, match="argument"):
            is_own([other, (view,)], {"x": whole})
        with pytest.raises(AssertionError, match="another"):
            is_own({"a": whole, "b": view}, [other])
    is_own([whole, make((3, 5))], [other])


# -- NumPy -------------------------------------------------------------------------------------------------------------


def hidden(module: Any, case: Case) -> dict[str, int]:
    """The sizes that no parameter shows."""
    return {dim: case.sizes[dim] for dim in module.CELL.hidden_parameter_dims}


def given_to_numpy(case: Case) -> tuple[Any, Sequence[Any], Any, Any]:
    """Parameters, inputs, first states, cotangents."""
    module, system = numpy_module(case.cell), case.system
    params = module.Params.from_spec(case.take(system.parameters), **hidden(module, case))
    state = module.State(**case.take(system.states))
    d_state = module.State(*(case.d[name.next] for name in system.states))
    return params, tuple(case.take(system.inputs).values()), state, (case.d["output"], d_state)


@every_cell
@every_time
def test_numpy_results_lie_in_no_argument(cell, time):
    case, module = draw(cell, SIZES, time, 2), numpy_module(cell)
    params, inputs, state, cotangents = given_to_numpy(case)
    is_own(module.outputs(params, *inputs, state), (params, inputs, state))
    results = module.forward(params, *inputs, state)
    is_own(results, (params, inputs, state))
    is_own(module.backward(params, results[-1], *cotangents), (params, results, cotangents))
    probe = (params, *inputs, state)
    again = module.double_backward(params, results[-1], *cotangents, *probe)
    is_own(again, (params, results, cotangents, probe))


@every_cell
def test_a_numpy_step_lies_in_no_argument(cell):
    case, module = draw(cell, SIZES, 1, 2), numpy_module(cell)
    params, inputs, state, _ = given_to_numpy(case)
    is_own(module.step(params, *(xs[0] for xs in inputs), state), (params, inputs, state))


@with_parameters
def test_numpy_parameters_lie_in_no_argument(name):
    case, module = draw(ALL[name], SIZES), numpy_module(ALL[name])
    spec = case.take(case.system.parameters)
    params = module.Params.from_spec(spec, **hidden(module, case))
    is_own(params, spec)
    is_own(params.to_spec(), (params, spec))


# -- PyTorch -----------------------------------------------------------------------------------------------------------


def given_to_torch(case: Case, *, grad: bool) -> tuple[Any, dict[str, torch.Tensor], Any]:
    """The module, its arguments as leaves, and the first states as it takes them."""
    system = case.system
    made = getattr(torch_module(case.cell), system.name)
    module = made.from_spec(tensors(case.take(system.parameters)), **{d: case.sizes[d] for d in made._cell.hidden_dims})
    leaves = tensors(case.take((*system.inputs, *system.states)), grad=grad)
    first = tuple(leaves[str(name)][None] for name in system.states)
    return module, leaves, first if len(first) > 1 else first[0]


@every_cell
@every_time
@pytest.mark.parametrize("grad", [False, True])
def test_pytorch_results_lie_in_no_argument(cell, time, grad):
    case = draw(cell, SIZES, time, 2)
    module, leaves, state = given_to_torch(case, grad=grad)
    weights = tuple(module.parameters())
    inputs = [leaves[str(name)] for name in case.system.inputs]
    with torch.set_grad_enabled(grad):
        ys, last = module(*inputs, state)
    is_own((ys, last), (weights, leaves))
    if grad:
        ends = (ys, *(last if isinstance(last, tuple) else (last,)))
        cotangents = tuple(torch.ones_like(end) for end in ends)
        found = torch.autograd.grad(ends, (*weights, *leaves.values()), cotangents, create_graph=True)
        is_own(found, (weights, leaves, cotangents, ends))
        probes = tuple(torch.ones_like(one) for one in found)
        wanted = (*weights, *leaves.values())
        again = torch.autograd.grad(found, wanted, probes, allow_unused=True)
        is_own(again, (weights, leaves, cotangents, ends, found, probes))


@with_parameters
def test_pytorch_parameters_lie_in_no_argument(name):
    case = draw(ALL[name], SIZES)
    spec = tensors(case.take(case.system.parameters))
    made = getattr(torch_module(ALL[name]), name)
    module = made.from_spec(spec, **{dim: case.sizes[dim] for dim in made._cell.hidden_dims})
    is_own(tuple(module.parameters()), spec)
    is_own(module.to_spec(), (tuple(module.parameters()), spec))
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    is_own(module.to_spec(grad=True), tuple(parameter.grad for parameter in module.parameters()))


# -- every backend, through its runner ---------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
@every_time
def test_arguments_are_as_they_were(backend, time):
    """Nothing writes to what it is given."""
    for cell in (CELLS["LSTM"], CELLS["MLSTM"], CELLS["SRU"]):
        case = draw(cell, SIZES, time, 2)
        before = {name: value.copy() for name, value in (*case.at.items(), *case.d.items())}
        model = runner(cell, backend)
        for run in (model.outputs, model.forward, model.backward, model.double_backward):
            run(case)
        assert all((value == before[name]).all() for name, value in (*case.at.items(), *case.d.items()))
