"""Generated PyTorch modules as modules: torch's own checks of gradients, dtypes, states left out, no graph unasked."""

import numpy as np
import pytest
import torch
from helpers import (
    BATCH,
    CELLS,
    arrays_of,
    close,
    draw,
    every_cell,
    numpy_module,
    oracle_forward,
    same,
    state_sizes,
    tensors,
    torch_backward,
    torch_forward,
    torch_module,
    torch_outputs,
    torch_run,
)

EXACT = 1e-12


def _function(cell, time=5, batch=7, sizes=(2, 3)):
    """The module as a function of all its arguments, parameters too, and arguments to differentiate it at."""
    run = torch_run(torch_module(cell), draw(cell, sizes, time, batch))
    names = [name for name, _ in run.module.named_parameters()]
    parameters = [value.detach().clone() for value in run.module.parameters()]
    inputs = [run.leaves[name].detach() for name in cell.system.inputs]
    first = [run.leaves[name].detach()[None] for name in cell.system.states]

    def function(*args):
        weights, xs = dict(zip(names, args, strict=False)), args[len(names) : len(names) + len(inputs)]
        states = args[len(names) + len(inputs) :]
        ys, last = torch.func.functional_call(run.module, weights, (*xs, states if len(states) > 1 else states[0]))
        return (ys, *(last if len(states) > 1 else (last,)))

    return function, tuple(u.requires_grad_() for u in (*parameters, *inputs, *first))


# -- derivatives, by torch's own checks --------------------------------------------------------------------------------


@every_cell
def test_gradcheck(cell):
    function, args = _function(cell)
    assert torch.autograd.gradcheck(function, args, fast_mode=True)


@every_cell
def test_gradgradcheck(cell):
    function, args = _function(cell)
    assert torch.autograd.gradgradcheck(function, args, fast_mode=True)


@every_cell
def test_a_third_derivative_is_refused(cell):
    function, args = _function(cell)
    value = sum((result**2).sum() for result in function(*args))
    for _ in range(2):
        value = sum((gradient**2).sum() for gradient in torch.autograd.grad(value, args, create_graph=True))
    with pytest.raises(RuntimeError, match="a third derivative is not derived"):
        torch.autograd.grad(value, args, retain_graph=True)
    with pytest.raises(RuntimeError, match="a third derivative is not derived"):
        value.backward()


@every_cell
@pytest.mark.parametrize("only", [0, -1], ids=["outputs", "last state"])
def test_a_loss_on_one_result_alone(cell, only):
    """The other results have no gradient at all, which is not the same to autograd as one of zeros."""
    case = draw(cell)
    kept = list(case.d)[only]
    run = torch_run(torch_module(cell), case)
    (run.results[kept] * torch.tensor(case.d[kept])).sum().backward()
    gradients = run.module.to_spec(grad=True) | {name: leaf.grad for name, leaf in run.leaves.items()}
    d = {name: value if name == kept else np.zeros_like(value) for name, value in case.d.items()}
    same(
        arrays_of(gradients),
        torch_backward(torch_module(cell), type(case)(cell, case.sizes, case.at, d, case.v)),
        EXACT,
    )


# -- the module --------------------------------------------------------------------------------------------------------


@every_cell
def test_states_left_out_are_zeros(cell):
    case = draw(cell)
    zeros = numpy_module(cell).zeros(BATCH, **state_sizes(case))
    expected = oracle_forward(case.with_(**vars(zeros)))
    ys, _ = torch_run(torch_module(cell), case).module(*tensors(case.take(cell.system.inputs)).values())
    close(ys.detach().numpy(), expected["output"], EXACT)


@every_cell
def test_parameters_go_through_their_names_unchanged(cell):
    parameters = draw(cell).take(cell.system.parameters)
    found = getattr(torch_module(cell), cell.__name__).from_spec(tensors(parameters)).to_spec()
    same(arrays_of(found), parameters, 0.0)
    assert list(found) == list(parameters)


@every_cell
def test_a_module_moves_to_another_dtype(cell):
    module = torch_run(torch_module(cell), draw(cell, kind=np.float32)).module.to(torch.float64)
    ys, _ = module(*tensors(draw(cell).take(cell.system.inputs)).values())
    assert ys.dtype == torch.float64


@every_cell
def test_sequences_whose_first_axis_is_the_batch(cell):
    run = torch_run(torch_module(cell), case := draw(cell))
    inputs = [torch.tensor(case.at[n].swapaxes(0, 1).copy()).transpose(0, 1) for n in cell.system.inputs]
    states = [run.leaves[n][None] for n in cell.system.states]
    ys, _ = run.module(*inputs, tuple(states) if len(states) > 1 else states[0])
    close(ys.detach().numpy(), run.results["output"].detach().numpy(), EXACT)


# -- no gradients where nobody asks ------------------------------------------------------------------------------------


@every_cell
def test_a_module_without_gradients_takes_the_pass_that_keeps_nothing(cell, monkeypatch):
    case, tm = draw(cell), torch_module(cell)
    expected = torch_forward(tm, case)
    inputs = tensors(case.take(cell.system.inputs))
    run = torch_run(tm, case)
    assert run.results["output"].requires_grad
    states = [run.leaves[name].detach()[None] for name in cell.system.states]
    given = tuple(states) if len(states) > 1 else states[0]

    passes = type(run.module)._passes
    without = tuple(None if at == 1 else function for at, function in enumerate(passes.functions))
    monkeypatch.setattr(type(run.module), "_passes", type(passes)(passes.cell, passes.records, without))
    same(torch_outputs(tm, case), expected, 1e-14)
    run.module.requires_grad_(False)
    ys, _ = run.module(*inputs.values(), given)
    assert not ys.requires_grad
    same({"output": ys.numpy()}, {"output": expected["output"]}, 1e-14)
    first = next(iter(inputs.values())).requires_grad_()
    with pytest.raises(TypeError):  # the pass with a tape, which is gone, is taken again
        run.module(first, *list(inputs.values())[1:], given)


@every_cell
def test_a_module_without_gradients_builds_no_graph(cell):
    case = draw(cell)
    run = torch_run(torch_module(cell), case)
    with torch.no_grad():
        ys, _ = run.module(*tensors(case.take(cell.system.inputs)).values())
    assert not ys.requires_grad


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("name", ["LSTM", "TRNN", "MLSTM"])
def test_a_trace_with_parameters_that_learn_has_its_outputs_and_gradients(name):
    """What is exported from one, an ONNX file, has the same outputs in the same order."""
    cell = CELLS[name]
    run = torch_run(torch_module(cell), draw(cell))
    inputs = [run.leaves[x].detach() for x in cell.system.inputs]
    traced = torch.jit.trace(run.module, tuple(inputs))
    (ys, state), (found, last) = run.module(*inputs), traced(*inputs)
    assert ys.requires_grad
    for own, other in zip([ys, *flat(state)], [found, *flat(last)], strict=True):
        assert torch.allclose(own, other, rtol=0, atol=EXACT)
    own, other = (torch.autograd.grad(y.square().sum(), list(run.module.parameters())) for y in (ys, found))
    assert all(torch.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in zip(own, other, strict=True))


def flat(state):
    """The states of a module as a list."""
    return list(state) if isinstance(state, tuple) else [state]
