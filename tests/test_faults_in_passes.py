"""Faults of every kind in every pass of every cell, by every backend, are found by comparing what the pass computes.

In each run a seventh of the passes of all cells, in turns, and one fault of each kind, by a hash that is the same in
every process and another for every pass; with LSTMSPEC_NIGHTLY=1 all of them. A fault may compute the same: a factor
that is 1, a bound that nothing reaches, a mean that is subtracted twice. These do so on all data, to the last digits,
and are few.
"""

import functools
import hashlib
import itertools

import numpy as np
import pytest
from helpers import CELLS, NIGHTLY, every_cell, runners
from planting import checks_of, faults_of, planted, with_any_parameters

from lstmspec import proofs
from lstmspec.emit import BACKENDS
from lstmspec.language import Role
from lstmspec.procedure import PASSES
from lstmspec.proofs import Kind, difference

TOLERANCE = 1e-6  # a million times what the other tests allow
SMALL = 1e-11  # of numbers, which may be as small as 1e-5: ten times what the other tests allow
SAME = 0.25  # of the faults in a pass, and one: so many may compute the same
PLAIN = (Kind.OPERATION, Kind.CARRY, Kind.DIRECTION, Kind.STEP)  # these compute something else, but for these cells:
EXCUSED = ("MLSTM", "SLSTM", "LayerNormLSTM", "LayerNormCarriedLSTM")
# A second derivative takes the adjoint pass twice: the gradients of the first time are not used, and the second time
# the seed of an output that no equation reads is 0. A term of that seed in a gradient computes nothing.
UNUSED = tuple((cell, "another operation in dL/dx of adjoint") for cell in ("IntersectionRNN", "SRU"))
PLANS = [
    pytest.param(cell, name, backend, id=f"{backend.name}-{name}-{cell.__name__}")
    for at, (cell, name, backend) in enumerate(itertools.product(CELLS.values(), PASSES, BACKENDS))
    if NIGHTLY or at % 7 == 0  # 7 has no factor with the number of passes or backends: all meet all
]


def _sample(cell, name):
    """One fault of each kind."""

    def rank(numbered):
        return hashlib.sha256(f"{cell.__name__} {name} {numbered[0]}".encode()).digest()

    ranked = [fault for _, fault in sorted(enumerate(faults_of(cell, name)), key=rank)]
    return list({fault.kind: fault for fault in ranked}.values())


@pytest.mark.parametrize(("cell", "name", "backend"), PLANS)
def test_every_fault_is_found(cell, name, backend):
    found = faults_of(cell, name) if NIGHTLY else _sample(cell, name)
    assert found
    effects = [_effect(model, name, cell) for model in planted(cell, backend, found)]
    tolerances = [SMALL if fault.kind is Kind.NUMBER else TOLERANCE for fault in found]
    trials = list(zip(found, effects, tolerances, strict=True))
    assert not [str(fault) for fault, effect, tolerance in trials if SMALL < effect <= tolerance]
    same = [fault for fault, effect, _ in trials if effect <= SMALL]
    assert len(same) <= SAME * len(found) + 1, list(map(str, same))
    if cell.__name__ not in EXCUSED:
        plain = [str(fault) for fault in same if fault.kind in PLAIN]
        assert not [text for text in plain if (cell.__name__, text) not in UNUSED]


def _effect(model, name, cell):
    """The largest difference that a fault in a pass makes, up to the first data on which it is seen."""
    largest = 0.0
    for index in range(len(_cases(cell))):
        case, expected = _data(cell, index)
        for check in checks_of(name):
            if not all(np.all(np.isfinite(value)) for value in expected[check.name].values()):
                continue
            try:
                with np.errstate(all="ignore"):
                    largest = max(largest, difference(check.run(model, case), expected[check.name]).error)
            except Exception:  # whatever a faulty model raises
                return np.inf
            if largest > TOLERANCE or np.isnan(largest):
                return np.inf
    return largest


@functools.lru_cache(maxsize=32)
def _data(cell, index):
    """A case and what the first model computes of it."""
    case, model = _cases(cell)[index], next(iter(runners(cell).values()))
    with np.errstate(all="ignore"):
        expected = {check.name: check.run(model, case) for check in proofs.CHECKS}
    assert index or all(np.all(np.isfinite(value)) for found in expected.values() for value in found.values())
    return case, expected


def _drawn(cell, batch, seed, scale=1.0, constants=False):
    sizes = dict(zip(cell.shapes.dims, (5, 7), strict=False))
    case = proofs.draw(cell, seed=seed, sizes=sizes, time=2, batch=batch, constants=constants)
    case = with_any_parameters(case)
    return case.with_(**{name: np.asarray(scale * value) for name, value in case.at.items()})


@functools.cache
def _cases(cell):
    """Data of which one sees every change: the first sees most, others reach branches that are seldom taken.

    Constants that are not their defaults; larger values, for terms that are clipped; more samples, for what few of them
    do; each state alone without a value and the others large, for quotients whose divisor is small; gates wide open and
    shut; so many samples that some lie next to any bound.
    """
    found = [_drawn(cell, 3, 1), _drawn(cell, 3, 7, constants=True)]
    found += [_drawn(cell, 3, 2, 3.0), _drawn(cell, 3, 3, 30.0), _drawn(cell, 23, 4), _drawn(cell, 23, 5, 2.0)]
    for empty in cell.system.states:
        case = _drawn(cell, 13, 6)
        factors = {name: 0.0 if name == empty else 1e5 for name in cell.system.states}
        found.append(case.with_(**{name: np.asarray(factor * case.at[name]) for name, factor in factors.items()}))
    signs = np.random.default_rng(8)
    case = _drawn(cell, 13, 6)
    biases = cell.system.having(Role.BIAS)
    far = {name: 1000 * signs.choice([-1.0, 1.0], np.shape(case.at[name])) for name in biases}
    zeros = {name: np.zeros_like(case.at[name]) for name in cell.system.states}
    found.append(case.with_(**{name: np.asarray(value) for name, value in (far | zeros).items()}))
    return (*found, _drawn(cell, 1009, 9))


@every_cell
@pytest.mark.parametrize("name", PASSES)
def test_the_sample_has_every_kind_of_fault(cell, name):
    sample = _sample(cell, name)
    assert {fault.kind for fault in sample} == {fault.kind for fault in faults_of(cell, name)}
    assert len(sample) == len({fault.kind for fault in sample})
