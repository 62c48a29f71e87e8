"""Every kind of fault in every pass of every cell, by every backend, is found by comparing what the pass computes.

In each run one fault of each kind, by a hash that is the same in every process and another for every pass; with
LSTMSPEC_NIGHTLY=1 all of them.
"""

import functools
import hashlib

import numpy as np
import pytest
from helpers import NIGHTLY, draw, every_backend, every_cell, runners, same
from planting import checks_of, faults_of, planted, with_any_parameters

from lstmspec.language import Role
from lstmspec.procedure import PASSES

TOLERANCE = 1e-6  # a million times what the other tests allow


def _sample(cell, name):
    """One fault of each kind."""

    def rank(numbered):
        return hashlib.sha256(f"{cell.__name__} {name} {numbered[0]}".encode()).digest()

    ranked = [fault for _, fault in sorted(enumerate(faults_of(cell, name)), key=rank)]
    return list({fault.kind: fault for fault in ranked}.values())


@every_cell
@pytest.mark.parametrize("name", PASSES)
@every_backend
def test_every_fault_is_found(cell, name, backend):
    found = faults_of(cell, name) if NIGHTLY else _sample(cell, name)
    assert found
    missed = [
        str(fault)
        for fault, model in zip(found, planted(cell, backend, found), strict=True)
        if not any(_is_seen(model, name, cell, index) for index in range(_count(cell)))
    ]
    assert not missed


def _is_seen(model, name, cell, index):
    """Whether a model with a fault in a pass is seen on data; where results are no numbers nothing is."""
    case, expected = _data(cell, index)
    for check in checks_of(name):
        if not all(np.all(np.isfinite(value)) for value in expected[check.name].values()):
            continue
        try:
            with np.errstate(all="ignore"):
                same(check.run(model, case), expected[check.name], TOLERANCE)
        except (AssertionError, ValueError, RuntimeError):  # the last two: the shapes do not fit any more
            return True
    return False


@functools.lru_cache(maxsize=64)
def _data(cell, index):
    """A case and what the first model computes of it."""
    case, model = _cases(cell)[index], next(iter(runners(cell).values()))
    with np.errstate(all="ignore"):
        expected = {check.name: check.run(model, case) for name in PASSES for check in checks_of(name)}
    assert index or all(np.all(np.isfinite(value)) for found in expected.values() for value in found.values())
    return case, expected


def _count(cell):
    return len(_cases(cell))


@functools.cache
def _cases(cell):
    """Data of which one sees every change: the first sees most, others reach branches that are seldom taken.

    Larger values, for terms that are clipped; more samples, for what few of them do; each state alone without a value
    and the others large, for quotients whose divisor is small; gates wide open and shut.
    """
    found = []
    for seed, scale, batch in ((1, 1.0, 3), (2, 3.0, 3), (3, 30.0, 3), (4, 1.0, 23), (5, 2.0, 23)):
        case = with_any_parameters(draw(cell, (5, 7), 2, batch, seed))
        found.append(case.with_(**{name: np.asarray(scale * value) for name, value in case.at.items()}))
    for empty in cell.system.states:
        case = with_any_parameters(draw(cell, (5, 7), 2, 13, 6))
        factors = {name: 0.0 if name == empty else 1e5 for name in cell.system.states}
        found.append(case.with_(**{name: np.asarray(factor * case.at[name]) for name, factor in factors.items()}))
    biases = cell.system.having(Role.BIAS)
    signs = np.random.default_rng(8)
    far = {name: 1000 * signs.choice([-1.0, 1.0], np.shape(case.at[name])) for name in biases}
    zeros = {name: np.zeros_like(case.at[name]) for name in cell.system.states}
    found.append(case.with_(**{name: np.asarray(value) for name, value in (far | zeros).items()}))
    return tuple(found)


@every_cell
@pytest.mark.parametrize("name", PASSES)
def test_the_sample_has_every_kind_of_fault(cell, name):
    sample = _sample(cell, name)
    assert {fault.kind for fault in sample} == {fault.kind for fault in faults_of(cell, name)}
    assert len(sample) == len({fault.kind for fault in sample})
