"""The functions of NumPy models that PyTorch modules do not have: `step`, `zeros`, parameters by their names."""

import numpy as np
from helpers import BATCH, TIME, close, draw, every_cell, numpy_module, oracle_forward, same, state_sizes

EXACT = 1e-12


def _stepped(cell, case):
    """Outputs and last states, one step after the other."""
    module, system = numpy_module(cell), cell.system
    params, state = module.Params.from_spec(case.take(system.parameters)), module.State(**case.take(system.states))
    ys = []
    for at in range(len(case.d["output"])):
        result = module.step(params, *(case.at[name][at] for name in system.inputs), state)
        y, state = result if system.own_output else (getattr(result, system.states[0]), result)
        ys.append(y)
    return {"output": np.stack(ys)} | {f"{name}.next": value for name, value in vars(state).items()}


def _sequence(cell, case, name):
    module, system = numpy_module(cell), cell.system
    params, state = module.Params.from_spec(case.take(system.parameters)), module.State(**case.take(system.states))
    ys, state, *_ = getattr(module, name)(params, *case.take(system.inputs).values(), state)
    return {"output": ys} | {f"{name}.next": value for name, value in vars(state).items()}


@every_cell
def test_a_step_is_a_sequence_of_one(cell):
    case = draw(cell, time=1)
    same(_stepped(cell, case), _sequence(cell, case, "outputs"), 0.0)


@every_cell
def test_a_step_is_the_forward_pass_of_one(cell):
    """The two passes may round apart where only one of them keeps a factor."""
    case = draw(cell, time=1)
    same(_stepped(cell, case), _sequence(cell, case, "forward"), 1e-14)


@every_cell
def test_steps_in_a_row_are_the_oracle(cell):
    case = draw(cell)
    assert len(case.d["output"]) == TIME
    same(_stepped(cell, case), oracle_forward(case), EXACT)


@every_cell
def test_states_of_zeros_are_zeros(cell):
    case = draw(cell)
    for dtype in (np.float64, np.float32):
        for name, value in vars(numpy_module(cell).zeros(BATCH, **state_sizes(case), dtype=dtype)).items():
            assert value.dtype == dtype
            close(value, np.zeros_like(case.at[name]), 0.0, name)


@every_cell
def test_parameters_go_through_their_names_unchanged(cell):
    module, parameters = numpy_module(cell), draw(cell).take(cell.system.parameters)
    found = module.Params.from_spec(parameters).to_spec()
    same(found, parameters, 0.0)
    assert list(found) == list(parameters)
