"""Proofs of generated models: built-in cells and users' hold, and a fault in any pass of any backend is found."""

import random
from pathlib import Path

import pytest
from helpers import CELLS, NIGHTLY, every_backend, every_cell_in

from lstmspec import Cell, Constant, Input, State, affine, dims, log, tanh
from lstmspec.emit import BACKENDS
from lstmspec.loading import load
from lstmspec.procedure import PASSES
from lstmspec.proofs import Kind, as_data, faults, findings, steps, table, verify

n, k = dims("n k")
USERS = load([str(Path(__file__).parent / "users" / "cells.py")])
TEN = USERS if NIGHTLY else random.Random(9).sample(USERS, 10)
SHOWN_BY = {"outputs": "outputs", "forward": "forward", "backward": "backward"}  # the others by the double backward
GROSS = (Kind.VALUE, Kind.OPERATION, Kind.MISSING)


class Positive(Cell):
    x, h = Input(n), State(k)
    alpha = Constant(0.3)
    h.next = tanh(affine(log(x), h)) * alpha + (1 - alpha) * h


class WithFault:
    """A backend whose models have a fault in one pass, the first that an edit of an operand or operation makes."""

    def __init__(self, backend, name):
        self.backend, self.pass_ = backend, name

    def __getattr__(self, name):
        return getattr(self.backend, name)

    def files(self, model, procedures):
        made = [self.planted(one) if one.name == self.pass_ else one for one in procedures]
        return self.backend.files(model, made)

    def planted(self, procedure):
        return next(fault.procedure for fault in faults(procedure) if fault.kind in GROSS)


def codes(proof):
    return [finding.code.name for finding in findings(proof)]


# -- cells that are right ----------------------------------------------------------------------------------------------


@every_cell_in(6)
def test_built_in_cells_are_proved(cell):
    proof = verify(cell, quick=not NIGHTLY)
    assert codes(proof) == []
    assert {outcome.check for outcome in proof.outcomes} > {"outputs", "forward", "backward", "double backward"}
    assert any(verdict.seen for verdict in proof.faults)


@pytest.mark.parametrize("cell", TEN, ids=lambda cell: cell.__name__)
def test_cells_of_users_are_proved(cell):
    assert codes(verify(cell, quick=True)) == []


@pytest.mark.parametrize("name", ["SlicedColumns", "SlicedRows", "Queue", "NamedCondition", "AbsoluteValues"])
def test_these_are_proved(name):
    """Zeros beside slices have sizes that are symbols, arrays hold no conditions, a complex step goes through |u|."""
    assert codes(verify(next(cell for cell in USERS if cell.__name__ == name), quick=True)) == []


def test_progress_is_told_as_often_as_it_says():
    told = []
    verify(CELLS["GRU"], quick=True, progress=told.append)
    assert 5 < len(told) <= steps(BACKENDS)


def test_data_may_be_drawn_where_a_cell_has_values():
    """The logarithm of normal values is none; among positive ones the cell is found by itself."""
    assert codes(verify(Positive, quick=True)) == []
    assert codes(verify(Positive, quick=True, ranges={"x": (0.5, 0.9)})) == []
    assert codes(verify(Positive, quick=True, ranges={"x": (-2.0, -1.0)})) == ["LS502"]


# -- faults ------------------------------------------------------------------------------------------------------------


@every_backend
@pytest.mark.parametrize("name", PASSES)
def test_a_fault_in_a_pass_is_found(backend, name):
    found = findings(verify(CELLS["LSTM"], [WithFault(backend, name)], quick=True))
    devices = [device for device in backend.devices if not backend.lacks(device)]
    assert [finding.code.name for finding in found] == ["LS501" for _ in devices]
    assert found[0].message.startswith(f"{backend.title}: {SHOWN_BY.get(name, 'double backward')}: ")


@every_backend
def test_a_fault_of_one_backend_is_not_put_on_another(backend):
    pair = [WithFault(backend, "backward"), *(other for other in BACKENDS if other is not backend)]
    found = findings(verify(CELLS["GRU"], pair, quick=True))
    assert all(finding.code.name == "LS501" for finding in found)
    assert found[0].message.startswith(f"{backend.title}: backward: ")
    assert not any("outputs" in line or "forward:" in line for one in found for line in (one.message, *one.notes))


def test_no_faults_are_planted_in_a_model_that_is_wrong():
    proof = verify(CELLS["LSTM"], [WithFault(BACKENDS[0], "forward")], quick=True)
    assert proof.faults == () and "FAILS" in table([proof])
    assert not as_data([proof])[0]["checks"]["forward"]["holds"]
