"""Generated models at the edges: one step, one sample, none at all; narrow numbers, arrays that are not contiguous."""

import numpy as np
import pytest
from helpers import (
    agrees_with_complex_step,
    close,
    draw,
    every_backend,
    every_cell,
    every_model,
    oracle_forward,
    runner,
    runners,
    same,
)

EXACT = 1e-12


@every_cell
@pytest.mark.parametrize(("time", "batch"), [(1, 5), (5, 1), (1, 1)])
def test_one_step_and_one_sample(cell, time, batch):
    case = draw(cell, (3, 7), time, batch)
    first, *others = runners(cell).values()
    values, gradients, again = first.forward(case), first.backward(case), first.double_backward(case)
    same(values, oracle_forward(case), EXACT)
    agrees_with_complex_step(gradients, case, EXACT, count=1)
    for model in others:
        same(model.forward(case), values, EXACT)
        same(model.backward(case), gradients, EXACT)
        same(model.double_backward(case), again, EXACT)


@every_cell
@every_backend
def test_no_steps_leave_the_states_and_give_no_gradient(cell, backend):
    case, model = draw(cell, time=0), runner(cell, backend)
    for results in (model.outputs(case), model.forward(case)):
        assert results["output"].shape == case.d["output"].shape
        for name in cell.system.states:
            close(results[name.next], case.at[name], 0.0, name)
    gradients = model.backward(case)
    for name, value in case.at.items():
        close(gradients[name], case.d.get(f"{name}.next", np.zeros_like(value)), 0.0, name)
    probed = {str(state.next): case.v[state] for state in cell.system.states}
    for name, value in model.double_backward(case).items():
        close(value, probed.get(name, np.zeros_like(value)), 0.0, name)


@every_cell
@every_model
def test_float32_stays_float32(cell, backend, device):
    case, model = draw(cell, seed=2, kind=np.float32), runner(cell, backend, device)  # of 1, a divisor is next to 0
    exact, found, gradients = oracle_forward(case), model.forward(case), model.backward(case)
    assert {value.dtype for value in (*found.values(), *gradients.values())} == {np.dtype(np.float32)}
    assert {value.dtype for value in model.double_backward(case).values()} == {np.dtype(np.float32)}
    same(found, exact, 2e-5)
    same(model.outputs(case), exact, 2e-5)
    agrees_with_complex_step(gradients, case, 1e-4, count=1)
    same(gradients, next(iter(runners(cell).values())).backward(case), 1e-4)


@every_cell
@every_backend
def test_arrays_that_are_not_contiguous(cell, backend):
    case, model = draw(cell), runner(cell, backend)
    turned = {name: np.asfortranarray(case.at[name]) for name in (*cell.system.inputs, *cell.system.states)}
    turned |= {
        name: np.repeat(case.at[name], 2, axis=-1)[..., ::2] for name in cell.system.inputs if case.at[name].ndim
    }
    assert not all(value.flags.c_contiguous for value in turned.values())
    same(model.forward(case.with_(**turned)), model.forward(case), EXACT)
    same(model.backward(case.with_(**turned)), model.backward(case), EXACT)
