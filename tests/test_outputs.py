"""The forward pass without a tape: the same values as with one, and as of the interpreter, by every model."""

import pytest
from helpers import draw, every_backend, every_cell, every_model, oracle_forward, runner, same

EXACT = 1e-14
ORACLE = 1e-12


@every_cell
@every_model
def test_outputs_are_those_of_the_forward_pass(cell, backend, device):
    case, model = draw(cell), runner(cell, backend, device)
    same(model.outputs(case), model.forward(case), EXACT)


@every_cell
@every_model
def test_outputs_are_those_of_the_oracle(cell, backend, device):
    case = draw(cell)
    same(runner(cell, backend, device).outputs(case), oracle_forward(case), ORACLE)


@every_cell
@every_backend
def test_a_missing_step_is_seen(cell, backend):
    case, model = draw(cell), runner(cell, backend)
    shorter = case.with_(**{name: case.at[name][:-1] for name in cell.system.inputs})
    found, expected = model.outputs(shorter), model.forward(case)
    with pytest.raises(AssertionError):
        same({**found, "output": expected["output"]}, expected, EXACT)
