"""Generated models against the interpreter of equations and each other: values, first and second derivatives."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import (
    EPS,
    agrees_with_complex_step,
    directions,
    draw,
    every_backend,
    every_cell,
    every_model,
    moved,
    oracle_forward,
    oracle_loss,
    runner,
    runners,
    same,
)
from hypothesis import given, settings
from hypothesis import strategies as st

EXACT = 1e-12
PRIMES = (2, 3, 5, 7, 11, 13)
STEPS = (1e-3, 1e-4, 1e-5)  # a kink that lies within the longest is seldom within the shortest


# -- values ------------------------------------------------------------------------------------------------------------


@every_cell
@every_model
def test_the_forward_pass_is_the_oracle(cell, backend, device):
    case = draw(cell)
    same(runner(cell, backend, device).forward(case), oracle_forward(case), EXACT)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(primes=st.permutations(PRIMES), seed=st.integers(0, 999))
@every_cell
def test_models_agree_at_any_sizes(cell, primes, seed):
    time, batch, *sizes = primes
    case = draw(cell, tuple(sizes), time, batch, seed)
    first, *others = runners(cell).values()
    values, gradients = first.forward(case), first.backward(case)
    assert others
    for model in others:
        same(model.forward(case), values, EXACT)
        same(model.backward(case), gradients, EXACT)


# -- first derivatives -------------------------------------------------------------------------------------------------


@every_cell
@every_model
def test_the_backward_pass_is_the_complex_step(cell, backend, device):
    case = draw(cell)
    agrees_with_complex_step(runner(cell, backend, device).backward(case), case, EXACT)


@every_cell
def test_all_models_have_the_same_gradients(cell):
    case = draw(cell)
    first, *others = [model.backward(case) for model in runners(cell).values()]
    assert others
    for gradients in others:
        same(gradients, first, EXACT)


@every_cell
@every_backend
@pytest.mark.parametrize("only", [0, -1], ids=["outputs", "last state"])
def test_a_cotangent_of_one_result_alone(cell, backend, only):
    case = draw(cell)
    kept = list(case.d)[only]
    d = {name: value if name == kept else np.zeros_like(value) for name, value in case.d.items()}
    alone = replace(case, d=d)
    agrees_with_complex_step(runner(cell, backend).backward(alone), alone, EXACT, count=1)


# -- second derivatives ------------------------------------------------------------------------------------------------


@every_cell
@every_backend
def test_the_double_backward_pass_is_the_derivative_of_the_complex_step(cell, backend):
    case = draw(cell, (5, 7), 3, 2)
    results = runner(cell, backend).double_backward(case)
    # <v, backward> is linear in the seeds: its gradient there is the results' derivative along v, by a complex step
    along = oracle_forward(moved(case, case.v, EPS * 1j))
    same({name: results[name] for name in case.d}, {name: value.imag / EPS for name, value in along.items()}, EXACT)
    # elsewhere a central difference, of fourth order, of the complex step along v
    for direction in directions(case, 2):
        ((name, u),) = direction.items()
        scale = max(np.sum(np.abs(results[name] * u)), 1e-3)
        errors = [abs(np.sum(results[name] * u) - _second_difference(case, direction, h)) / scale for h in STEPS]
        assert min(errors) <= 1e-9, f"<dM/d{name}, u> differs by {min(errors):.3g}"


def _second_difference(case, direction, h):
    """The derivative along a direction of that along case.v."""
    cases = [moved(moved(case, direction, m * h), case.v, EPS * 1j) for m in (-2, -1, 1, 2)]
    return np.dot([oracle_loss(each).imag / EPS for each in cases], [1, -8, 8, -1]) / (12 * h)


@every_cell
def test_all_models_have_the_same_second_derivatives(cell):
    case = draw(cell)
    first, *others = [model.double_backward(case) for model in runners(cell).values()]
    assert others
    for gradients in others:
        same(gradients, first, EXACT)
