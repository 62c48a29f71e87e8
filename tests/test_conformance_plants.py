"""Specs with one fault each: the comparison with the papers sees all of them, but for those that are none."""

import dataclasses
from collections import Counter

import pytest
from click.testing import CliRunner
from helpers import CELLS

from lstmspec.auditor import Kind, edits
from lstmspec.checker import explicit
from lstmspec.conformance import _planting, cases, command, tried_edits, why_equivalent
from lstmspec.proofs import Difference
from lstmspec.zoo.counterparts import EQUIVALENT, EQUIVALENT_IN, ROWS


@pytest.fixture(scope="module")
def tried():
    return [edit for name, row in ROWS.items() for edit in tried_edits(CELLS[name], row)]


def test_every_edit_is_seen_or_computes_the_same(tried):
    assert [str(edit) for edit in tried if edit.missed] == []
    assert len(tried) == sum(len(edits(cell.system)) for cell in CELLS.values()) > 5000
    assert {edit.edit.kind for edit in tried} == set(Kind)


def test_few_edits_compute_the_same(tried):
    survivors = Counter(edit.edit.kind for edit in tried if not edit.seen)
    assert survivors.total() < 0.05 * len(tried)
    # most are relu of a gate: of the kinds that change what is there, hardly one
    assert survivors.total() - survivors[Kind.MORE_ACTIVATION] < 0.01 * len(tried)
    none = (Kind.FRESH, Kind.SUM, Kind.PRODUCT, Kind.SWAPPED, Kind.DEAD, Kind.MISSING_BIAS, Kind.MORE_BIAS, Kind.SIGN)
    unseen = [edit for edit in tried if not edit.seen]
    named = {edit.edit.kind for edit in unseen if (edit.cell, edit.edit.equation) not in EQUIVALENT_IN}
    assert [kind for kind in none if kind in named] == []


def test_every_reason_that_is_said_is_needed(tried):
    said = [e for e in tried if e.reason and not e.reason.proved]
    whole = {(e.cell, e.edit.equation) for e in said} & set(EQUIVALENT_IN)
    needed = {(e.cell, e.edit.equation, e.edit.was, e.edit.now) for e in said if (e.cell, e.edit.equation) not in whole}
    assert needed == set(EQUIVALENT)
    assert whole == set(EQUIVALENT_IN)


def test_a_reason_is_not_given_for_an_edit_that_changes_something(tried):
    for edit in [edit for edit in tried if edit.seen][::50]:
        row, system = ROWS[edit.cell], explicit(CELLS[edit.cell].system)
        reason = why_equivalent(edit.cell, system, edit.edit, row.ranges)
        # what is said is said of texts, and one text can stand in two places
        assert reason is None or not reason.proved, str(edit)


def test_data_that_hide_a_fault_are_found_out(monkeypatch):
    """At lam = 1/2 a swap of `lam` and `1 - lam` is not seen, which is why constants are tried with another value."""
    monkeypatch.setattr(_planting, "cases", lambda cell, row: cases(cell, row)[:1])
    missed = [edit for edit in tried_edits(CELLS["MiRU"], ROWS["MiRU"]) if edit.missed]
    assert Kind.SWAPPED in {edit.edit.kind for edit in missed}


def test_a_comparison_that_sees_nothing_misses_everything(monkeypatch):
    monkeypatch.setattr(_planting, "difference", lambda actual, expected: Difference())
    found = list(tried_edits(CELLS["MinGRU"], ROWS["MinGRU"]))
    assert not any(edit.seen for edit in found)
    assert sum(edit.missed for edit in found) > 0.9 * len(found)


def test_kinds_can_be_chosen():
    found = list(tried_edits(CELLS["LSTM"], ROWS["LSTM"], [Kind.STALE, Kind.DEAD]))
    assert {edit.edit.kind for edit in found} == {Kind.STALE, Kind.DEAD}


def test_the_command_counts_and_fails_when_one_is_missed(monkeypatch):
    done = CliRunner().invoke(command.main, ["--plant", "GRU"])
    assert done.exit_code == 0, done.output
    assert "the weights of two terms swapped" in done.output
    assert " 0 missed" in done.output
    assert "relu(z)" not in done.output
    assert "relu(z)" in CliRunner().invoke(command.main, ["--plant", "-v", "GRU"]).output

    def unseen(cell, row):
        return [dataclasses.replace(edit, seen=False, reason=None) for edit in tried_edits(cell, row)]

    monkeypatch.setattr(command, "tried_edits", unseen)
    done = CliRunner().invoke(command.main, ["--plant", "GRU"])
    assert done.exit_code == 1
    assert "error: not seen: GRU: a sum for a product: " in done.output


@pytest.mark.parametrize("other", ["--write", "--check"])
def test_planting_goes_alone(other):
    assert CliRunner().invoke(command.main, ["--plant", other]).exit_code == 2
