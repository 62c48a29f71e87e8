"""Generated models against the interpreter of equations and each other: values, first and second derivatives."""

import numpy as np
import pytest
import torch
from helpers import (
    BATCH,
    CELLS,
    EPS,
    TIME,
    agrees_with_complex_step,
    arrays_of,
    close,
    directions,
    draw,
    moved,
    numpy_backward,
    numpy_double_backward,
    numpy_forward,
    numpy_module,
    oracle_forward,
    oracle_loss,
    same,
    state_sizes,
    tensors,
    torch_backward,
    torch_double_backward,
    torch_forward,
    torch_module,
    torch_run,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmspec.language import Role

EXACT = 1e-12
PRIMES = (2, 3, 5, 7, 11, 13)

every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
on_devices = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=no_cuda)])


# -- values ------------------------------------------------------------------------------------------------------------


@every_cell
def test_numpy_forward_is_the_oracle(cell):
    case = draw(cell)
    same(numpy_forward(numpy_module(cell), case), oracle_forward(case), EXACT)


@every_cell
@on_devices
def test_torch_forward_is_the_oracle(cell, device):
    case = draw(cell)
    same(torch_forward(torch_module(cell), case, device), oracle_forward(case), EXACT)


@every_cell
def test_step_is_forward_of_one_step(cell):
    case, nm, system = draw(cell, time=1), numpy_module(cell), cell.system
    params = nm.Params.from_spec(case.take(system.parameters))
    inputs = [case.at[name][0] for name in system.inputs]
    result = nm.step(params, *inputs, nm.State(**case.take(system.states)))
    expected = numpy_forward(nm, case)
    if system.own_output:
        y, result = result
        close(y, expected["output"][0], 0.0, "output")
    for name, value in vars(result).items():
        close(value, expected[f"{name}.next"], 0.0, name)


@every_cell
def test_steps_in_a_row_are_the_oracle(cell):
    case, nm, system = draw(cell), numpy_module(cell), cell.system
    params, state = nm.Params.from_spec(case.take(system.parameters)), nm.State(**case.take(system.states))
    for at in range(TIME):
        result = nm.step(params, *(case.at[name][at] for name in system.inputs), state)
        state = result[1] if system.own_output else result
    expected = oracle_forward(case)
    same({f"{name}.next": value for name, value in vars(state).items()},
         {f"{name}.next": expected[f"{name}.next"] for name in system.states}, EXACT)  # fmt: skip


@every_cell
def test_states_left_out_are_zeros(cell):
    case, system = draw(cell), cell.system
    nm, module = numpy_module(cell), torch_run(torch_module(cell), case).module
    zeros = nm.zeros(BATCH, **state_sizes(case))
    expected = oracle_forward(case.with_(**vars(zeros)))
    ys, _ = module(*tensors(case.take(system.inputs)).values())
    close(ys.detach().numpy(), expected["output"], EXACT)


@every_cell
def test_parameters_go_through_their_names_unchanged(cell):
    case, nm, tm = draw(cell), numpy_module(cell), torch_module(cell)
    parameters = case.take(cell.system.parameters)
    same(nm.Params.from_spec(parameters).to_spec(), parameters, 0.0)
    module = getattr(tm, cell.__name__).from_spec(tensors(parameters))
    same(arrays_of(module.to_spec()), parameters, 0.0)
    assert list(module.to_spec()) == list(parameters) == list(nm.Params.from_spec(parameters).to_spec())


# -- first derivatives -------------------------------------------------------------------------------------------------


@every_cell
def test_numpy_backward_is_the_complex_step(cell):
    case = draw(cell)
    agrees_with_complex_step(numpy_backward(numpy_module(cell), case), case, EXACT)


@every_cell
@on_devices
def test_torch_gradients_are_numpy_backward(cell, device):
    case = draw(cell)
    same(torch_backward(torch_module(cell), case, device), numpy_backward(numpy_module(cell), case), EXACT)


@every_cell
@pytest.mark.parametrize("only", [0, -1], ids=["outputs", "last state"])
def test_a_loss_on_one_result_alone(cell, only):
    case = draw(cell)
    kept = list(case.d)[only]
    d = {name: value if name == kept else np.zeros_like(value) for name, value in case.d.items()}
    run = torch_run(torch_module(cell), case)
    (run.results[kept] * torch.tensor(case.d[kept])).sum().backward()
    gradients = run.module.to_spec(grad=True) | {name: leaf.grad for name, leaf in run.leaves.items()}
    expected = numpy_backward(numpy_module(cell), type(case)(cell, case.sizes, case.at, d, case.v))
    same(arrays_of(gradients), expected, EXACT)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(primes=st.permutations(PRIMES), seed=st.integers(0, 999))
@every_cell
def test_backends_agree_at_any_sizes(cell, primes, seed):
    time, batch, *sizes = primes
    case = draw(cell, tuple(sizes), time, batch, seed)
    nm, tm = numpy_module(cell), torch_module(cell)
    same(torch_forward(tm, case), numpy_forward(nm, case), EXACT)
    same(torch_backward(tm, case), numpy_backward(nm, case), EXACT)


# -- second derivatives ------------------------------------------------------------------------------------------------


@every_cell
def test_double_backward_is_the_derivative_of_the_complex_step(cell):
    case = draw(cell, (5, 7), 3, 2)
    results = numpy_double_backward(numpy_module(cell), case)
    # <v, backward> is linear in the seeds: its gradient there is the results' derivative along v, by a complex step
    along = oracle_forward(moved(case, case.v, EPS * 1j))
    same({name: results[name] for name in case.d}, {name: value.imag / EPS for name, value in along.items()}, EXACT)
    # elsewhere a central difference, of fourth order, of the complex step along v
    for direction in directions(case, 2):
        ((name, u),) = direction.items()
        scale = max(np.sum(np.abs(results[name] * u)), 1e-3)
        errors = [abs(np.sum(results[name] * u) - _second_difference(case, direction, h)) / scale for h in STEPS]
        assert min(errors) <= 1e-9, f"<dM/d{name}, u> differs by {min(errors):.3g}"


STEPS = (1e-3, 1e-4, 1e-5)  # a kink that lies within the longest is seldom within the shortest


def _second_difference(case, direction, h):
    """The derivative along a direction of that along case.v."""
    cases = [moved(moved(case, direction, m * h), case.v, EPS * 1j) for m in (-2, -1, 1, 2)]
    return np.dot([oracle_loss(each).imag / EPS for each in cases], [1, -8, 8, -1]) / (12 * h)


@every_cell
@on_devices
def test_torch_double_backward_is_numpy_double_backward(cell, device):
    case = draw(cell)
    expected = numpy_double_backward(numpy_module(cell), case)
    same(torch_double_backward(torch_module(cell), case, device), expected, EXACT)


def _function(cell, time=5, batch=7, sizes=(2, 3)):
    """The module's function of all its arguments, and arguments to differentiate it at."""
    run = torch_run(torch_module(cell), draw(cell, sizes, time, batch))
    first = [run.leaves[name].detach()[None] for name in cell.system.states]
    inputs = [run.leaves[name].detach() for name in cell.system.inputs]
    parameters = [p.detach().clone() for p in run.module.parameters()]
    constants = [getattr(run.module, name) for name in cell.system.having(Role.CONSTANT)]

    def function(*args):
        return torch_module(cell).sequence(*args[: len(parameters)], *constants, *args[len(parameters) :])

    return function, tuple(u.requires_grad_() for u in (*parameters, *inputs, *first))


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


# -- edges -------------------------------------------------------------------------------------------------------------


@every_cell
@pytest.mark.parametrize(("time", "batch"), [(1, 5), (5, 1), (1, 1)])
def test_one_step_and_one_sample(cell, time, batch):
    case, nm, tm = draw(cell, (3, 7), time, batch), numpy_module(cell), torch_module(cell)
    same(numpy_forward(nm, case), oracle_forward(case), EXACT)
    agrees_with_complex_step(numpy_backward(nm, case), case, EXACT, count=1)
    for ours, theirs in ((torch_forward, numpy_forward), (torch_backward, numpy_backward)):
        same(ours(tm, case), theirs(nm, case), EXACT)
    same(torch_double_backward(tm, case), numpy_double_backward(nm, case), EXACT)


@every_cell
def test_no_steps_leave_the_states_and_give_no_gradient(cell):
    case, nm, tm = draw(cell, time=0), numpy_module(cell), torch_module(cell)
    for forward in (lambda: numpy_forward(nm, case), lambda: torch_forward(tm, case)):
        results = forward()
        assert results["output"].shape == case.d["output"].shape
        for name in cell.system.states:
            close(results[f"{name}.next"], case.at[name], 0.0, name)
    for backward in (lambda: numpy_backward(nm, case), lambda: torch_backward(tm, case)):
        gradients = backward()
        for name, value in case.at.items():
            close(gradients[name], case.d.get(f"{name}.next", np.zeros_like(value)), 0.0, name)
    for double in (lambda: numpy_double_backward(nm, case), lambda: torch_double_backward(tm, case)):
        for name, value in double().items():
            state = name.removesuffix(".next")
            close(value, case.v[state] if name in case.d and state != "output" else np.zeros_like(value), 0.0, name)


@every_cell
@on_devices
def test_float32_stays_float32(cell, device):
    case = draw(cell, kind=np.float32)
    exact, gradients = oracle_forward(case), numpy_backward(numpy_module(cell), case)
    for forward in (numpy_forward(numpy_module(cell), case), torch_forward(torch_module(cell), case, device)):
        assert {value.dtype for value in forward.values()} == {np.dtype(np.float32)}
        same(forward, exact, 2e-5)
    assert {value.dtype for value in gradients.values()} == {np.dtype(np.float32)}
    agrees_with_complex_step(gradients, case, 1e-4, count=1)
    same(torch_backward(torch_module(cell), case, device), gradients, 1e-4)


@every_cell
def test_a_module_moves_to_another_dtype(cell):
    module = torch_run(torch_module(cell), draw(cell, kind=np.float32)).module.to(torch.float64)
    ys, _ = module(*tensors(draw(cell).take(cell.system.inputs)).values())
    assert ys.dtype == torch.float64


@every_cell
def test_arrays_that_are_not_contiguous(cell):
    case, tm = draw(cell), torch_module(cell)
    turned = case.with_(**{n: np.asfortranarray(case.at[n]) for n in (*cell.system.inputs, *cell.system.states)})
    same(numpy_backward(numpy_module(cell), turned), numpy_backward(numpy_module(cell), case), EXACT)
    run = torch_run(tm, case)
    inputs = [torch.tensor(case.at[n].swapaxes(0, 1).copy()).transpose(0, 1) for n in cell.system.inputs]
    states = [run.leaves[n][None] for n in cell.system.states]
    ys, _ = run.module(*inputs, tuple(states) if len(states) > 1 else states[0])
    close(ys.detach().numpy(), run.results["output"].detach().numpy(), EXACT)
