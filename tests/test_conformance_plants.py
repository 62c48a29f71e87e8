"""Specs with one fault each: the comparison with the papers sees all of them, but for those that are none."""

import dataclasses
import importlib
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from conforming import equivalent, planting
from conforming.cases import draw
from conforming.planting import planted
from conforming.table import ROWS
from helpers import CELLS

from lstmspec.auditor import Kind, edits

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def conform():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("conform")
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def tried():
    return [edit for name, row in ROWS.items() for edit in planted(CELLS[name], row)]


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
    named = {
        edit.edit.kind for edit in tried if not edit.seen and (edit.cell, edit.edit.equation) not in equivalent.SAID_OF
    }
    assert [kind for kind in none if kind in named] == []


def test_every_reason_that_is_said_is_needed(tried):
    said = [e for e in tried if e.reason and not e.reason.proved]
    whole = {(e.cell, e.edit.equation) for e in said} & set(equivalent.SAID_OF)
    needed = {(e.cell, e.edit.equation, e.edit.was, e.edit.now) for e in said if (e.cell, e.edit.equation) not in whole}
    assert needed == set(equivalent.SAID)
    assert whole == set(equivalent.SAID_OF)


def test_a_reason_is_not_given_for_an_edit_that_changes_something(tried):
    for edit in [edit for edit in tried if edit.seen][::50]:
        row, system = ROWS[edit.cell], planting.explicit(CELLS[edit.cell].system)
        reason = equivalent.why_equivalent(edit.cell, system, edit.edit, row.ranges)
        # what is said is said of texts, and one text can stand in two places
        assert reason is None or not reason.proved, str(edit)


def test_data_that_hide_a_fault_are_found_out(monkeypatch):
    """At lam = 1/2 a swap of `lam` and `1 - lam` is not seen, which is why constants are tried with another value."""
    monkeypatch.setattr(planting, "cases", lambda cell, ranges, constants: [draw(cell, ranges)])
    missed = [edit for edit in planted(CELLS["MiRU"], ROWS["MiRU"]) if edit.missed]
    assert Kind.SWAPPED in {edit.edit.kind for edit in missed}


def test_a_comparison_that_sees_nothing_misses_everything(monkeypatch):
    monkeypatch.setattr(planting, "worst", lambda actual, expected: 0.0)
    found = list(planted(CELLS["MinGRU"], ROWS["MinGRU"]))
    assert not any(edit.seen for edit in found)
    assert sum(edit.missed for edit in found) > 0.9 * len(found)


def test_kinds_can_be_chosen():
    found = list(planted(CELLS["LSTM"], ROWS["LSTM"], [Kind.STALE, Kind.DEAD]))
    assert {edit.edit.kind for edit in found} == {Kind.STALE, Kind.DEAD}


def test_the_command_counts_and_fails_when_one_is_missed(conform, monkeypatch):
    done = CliRunner().invoke(conform.main, ["--plant", "GRU"])
    assert done.exit_code == 0, done.output
    assert "the weights of two terms swapped" in done.output
    assert " 0 missed" in done.output
    assert "relu(z)" not in done.output
    assert "relu(z)" in CliRunner().invoke(conform.main, ["--plant", "-v", "GRU"]).output
    monkeypatch.setattr(
        conform,
        "planted",
        lambda cell, row: [dataclasses.replace(e, seen=False, reason=None) for e in planted(cell, row)],
    )
    done = CliRunner().invoke(conform.main, ["--plant", "GRU"])
    assert done.exit_code == 1
    assert "error: not seen: GRU: a sum for a product: " in done.output


@pytest.mark.parametrize("other", ["--write", "--check"])
def test_planting_goes_alone(conform, other):
    assert CliRunner().invoke(conform.main, ["--plant", other]).exit_code == 2
