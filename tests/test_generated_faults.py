"""The comparators of the other tests find faults: in what they are given, in a few lines, and in parameters."""

import numpy as np
import pytest
from helpers import (
    CELLS,
    agrees_with_complex_step,
    close,
    draw,
    every_backend,
    every_cell,
    oracle_forward,
    runner,
    runners,
    same,
)
from planting import checks_of, faults_of, planted, with_any_parameters

from lstmspec.proofs import CHECKS, Kind

TOLERANCE = 1e-6  # a million times what the other tests allow


# -- the comparators themselves ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (np.ones((5, 3)), "shape"),
        (np.ones((1, 1)), "shape"),
        (np.ones((3, 5)) * (1 + 2e-6), "differs"),
        (np.full((3, 5), np.nan), "differs"),
        (np.full((3, 5), np.inf), "differs"),
    ],
)
def test_close_refuses(actual, said):
    close(np.ones((3, 5)), np.ones((3, 5)), TOLERANCE)
    with pytest.raises(AssertionError, match=said):
        close(actual, np.ones((3, 5)), TOLERANCE)


def test_same_refuses_a_missing_name_and_a_number_that_is_none():
    same({"a": np.ones(3)}, {"a": np.ones(3)}, TOLERANCE)
    for actual, expected in (({}, {"a": 1.0}), ({"a": 1.0, "b": 1.0}, {"a": 1.0}), ({"a": np.nan}, {"a": np.nan})):
        with pytest.raises(AssertionError, match=r"names|finite"):
            same(actual, expected, TOLERANCE)


# -- faults in the passes of two cells ---------------------------------------------------------------------------------

FAULTS = {
    "another gate": ("LSTM", "forward", Kind.VALUE, "c.next"),
    "W transposed": ("Elman", "forward", Kind.TRANSPOSE, "h.next"),
    "a term dropped": ("LSTM", "forward", Kind.MISSING, "c.next"),
    "a stale state": ("LSTM", "forward", Kind.VALUE, "tanh_c_next"),
    "a state not carried": ("LSTM", "forward", Kind.CARRY, "h"),
    "the slice of another gate": ("LSTM", "forward", Kind.SLICE, "f"),
    "adjoints of gates swapped": ("LSTM", "backward", Kind.ORDER, "dL/da"),
    "W transposed in the adjoint": ("Elman", "backward", Kind.TRANSPOSE, "dL/dh"),
    "a term of an adjoint dropped": ("LSTM", "backward", Kind.MISSING, "dL/dh.next"),
    "a stale state in an adjoint": ("LSTM", "backward", Kind.STEP, "dL/dW_h"),
    "a factor of 1.001": ("LSTM", "backward", Kind.NUMBER, "d_a_part3"),
    "the first step first": ("LSTM", "backward", Kind.DIRECTION, "the loop"),
    "a factor of 1.001 again": ("LSTM", "tangent", Kind.NUMBER, "dM/dg"),
    "a term dropped again": ("LSTM", "tangent", Kind.MISSING, "dM/d(dL/dh.next)"),
    "adjoints kept in another order": ("LSTM", "adjoint", Kind.RESULT, "adjoints"),
}


def _planted(title, backend):
    """The cell, the pass, and a model for each fault of that kind in that place."""
    name, pass_, kind, where = FAULTS[title]
    cell = CELLS[name]
    found = [fault for fault in faults_of(cell, pass_) if (fault.kind, fault.where) == (kind, where)]
    assert found, f"no {kind.value} in {where} of {pass_}: the planted fault has to be rewritten"
    return cell, pass_, planted(cell, backend, found)


@every_backend
@pytest.mark.parametrize("title", FAULTS)
def test_a_fault_is_found_where_its_pass_is_run_and_nowhere_before(title, backend):
    cell, pass_, wrong = _planted(title, backend)
    case, good = draw(cell), runner(cell, backend)
    first = checks_of(pass_)[0]
    for bad in wrong:
        for check in CHECKS[: CHECKS.index(first)]:
            same(check.run(bad, case), check.run(good, case), TOLERANCE)
        with pytest.raises(AssertionError, match="differs"), np.errstate(all="ignore"):
            same(first.run(bad, case), first.run(good, case), TOLERANCE)


@every_backend
@pytest.mark.parametrize("title", [title for title, (_, name, *_) in FAULTS.items() if name == "backward"])
def test_a_fault_in_a_gradient_is_found_by_the_complex_step(title, backend):
    cell, _, wrong = _planted(title, backend)
    case = draw(cell)
    agrees_with_complex_step(runner(cell, backend).backward(case), case, 1e-12)
    for bad in wrong:
        with pytest.raises(AssertionError, match="differs"), np.errstate(all="ignore"):
            agrees_with_complex_step(bad.backward(case), case, TOLERANCE)


# -- faults in parameters ----------------------------------------------------------------------------------------------


@every_cell
def test_a_wrong_parameter_is_found(cell):
    """Each alone: every number scaled a little, each by another factor; its rows moved on; its rows turned over."""
    case = with_any_parameters(draw(cell))
    expected, models = oracle_forward(case), runners(cell).values()
    for name in cell.system.parameters:
        value = case.at[name]
        moved = (np.roll(value, 1, axis=0), value[::-1].copy()) if value.ndim else ()
        factors = np.linspace(1.001, 1.002, value.size)  # layer normalisation takes out a common one
        for wrong in (np.asarray(value * factors.reshape(value.shape)), *moved):
            for model in models:
                with pytest.raises(AssertionError, match="differs"):
                    same(model.forward(case.with_(**{name: wrong})), expected, TOLERANCE)


@every_cell
@every_backend
def test_parameters_swapped_with_each_other_are_found(cell, backend):
    case = with_any_parameters(draw(cell))
    expected, shapes = oracle_forward(case), cell.shapes.of
    names = cell.system.parameters
    for p, q in [(p, q) for place, p in enumerate(names) for q in names[:place] if shapes[p] == shapes[q]]:
        swapped = case.with_(**{p: case.at[q], q: case.at[p]})
        with pytest.raises(AssertionError, match="differs"):
            same(runner(cell, backend).forward(swapped), expected, TOLERANCE)
