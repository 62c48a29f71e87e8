"""The forward pass without a tape: the same values, nothing kept, and taken when nobody asks for gradients."""

import numpy as np
import pytest
import torch
from helpers import (
    CELLS,
    TIME,
    draw,
    numpy_forward,
    numpy_module,
    numpy_outputs,
    same,
    tensors,
    torch_forward,
    torch_module,
    torch_outputs,
    torch_run,
)

EXACT = 1e-14
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


@every_cell
def test_outputs_are_those_of_the_forward_pass(cell):
    case, nm = draw(cell), numpy_module(cell)
    same(numpy_outputs(nm, case), numpy_forward(nm, case), EXACT)


@every_cell
def test_a_missing_step_is_seen(cell):
    case, nm = draw(cell), numpy_module(cell)
    shorter = case.with_(**{name: case.at[name][:-1] for name in cell.system.inputs})
    found, expected = numpy_outputs(nm, shorter), numpy_forward(nm, case)
    with pytest.raises(AssertionError):
        same({**found, "output": expected["output"]}, expected, EXACT)


@every_cell
def test_steps_one_by_one_are_the_sequence(cell):
    case, nm, system = draw(cell), numpy_module(cell), cell.system
    params, state = nm.Params.from_spec(case.take(system.parameters)), nm.State(**case.take(system.states))
    ys = []
    for at in range(TIME):
        result = nm.step(params, *(case.at[name][at] for name in system.inputs), state)
        y, state = result if system.own_output else (getattr(result, system.states[0]), result)
        ys.append(y)
    found = {"output": np.stack(ys)} | {f"{name}.next": value for name, value in vars(state).items()}
    same(found, numpy_outputs(nm, case), EXACT)


@every_cell
def test_a_module_without_gradients_gives_the_same(cell, monkeypatch):
    case, tm = draw(cell), torch_module(cell)
    expected = torch_forward(tm, case)
    inputs = tensors(case.take(cell.system.inputs))
    run = torch_run(tm, case)
    assert run.results["output"].requires_grad
    states = [run.leaves[name].detach()[None] for name in cell.system.states]
    given = tuple(states) if len(states) > 1 else states[0]

    monkeypatch.setattr(tm, "_forward", None)  # the pass with a tape is not taken
    same(torch_outputs(tm, case), expected, EXACT)
    run.module.requires_grad_(False)
    ys, _ = run.module(*inputs.values(), given)
    assert not ys.requires_grad
    same({"output": ys.numpy()}, {"output": expected["output"]}, EXACT)
    first = next(iter(inputs.values())).requires_grad_()
    with pytest.raises(TypeError):
        run.module(first, *list(inputs.values())[1:], given)


@every_cell
def test_a_module_without_gradients_builds_no_graph(cell):
    case = draw(cell)
    run = torch_run(torch_module(cell), case)
    with torch.no_grad():
        ys, _ = run.module(*tensors(case.take(cell.system.inputs)).values())
    assert not ys.requires_grad
