"""The scripts about audits: planted faults are found, the score is no flatterer, and the table of libraries is true."""

import json

import pytest
from auditing.faults import faults, sample
from auditing.implement import module
from auditing.rules import KINDS, MISSING_BIAS, STALE, SWAPPED
from auditing.score import NONE, NOT_SEEN, SAME, WRONG, scored
from click.testing import CliRunner
from helpers import CELLS

from lstmspec import audit


def fault_of(cell, kind, number=0):
    return [fault for fault in faults(CELLS[cell].system) if fault.kind == kind][number]


def test_planted_faults_are_found(tmp_path):
    from audit_faults import main

    place = tmp_path / "scores.json"
    done = CliRunner().invoke(main, ["MGU", "QRNN", "--limit", "0", "--seed", "3", "--json", str(place)])
    assert done.exit_code == 0, done.output
    assert "(100.0 %, at least 95 %)" in done.output
    scores = json.loads(place.read_text())
    assert len(scores) >= 10 and {score["verdict"] for score in scores} == {SAME}


def test_every_kind_is_planted_in_some_cell():
    systems = [cell.system for cell in CELLS.values()]
    planted = sample(systems, 1, 0, None)
    assert {fault.kind for fault in planted} == set(KINDS)
    assert len({fault.original.name for fault in planted}) == len(CELLS)
    assert [str(fault) for fault in planted] == [
        str(fault) for fault in sample([c.system for c in CELLS.values()], 1, 0, None)
    ]


def test_a_fault_that_is_none_is_not_counted():
    assert scored(fault_of("MinLSTM", SWAPPED)).verdict == NONE


@pytest.mark.parametrize(("believed", "verdict"), [(None, NOT_SEEN), (MISSING_BIAS, WRONG)])
def test_a_score_sees_an_audit_that_is_wrong(believed, verdict):
    def auditor(cell, theirs):
        return audit(cell, module(cell if believed is None else fault_of("LSTM", believed).implemented))

    assert scored(fault_of("LSTM", STALE)).verdict == SAME
    assert scored(fault_of("LSTM", STALE), auditor).verdict == verdict


def test_the_table_of_libraries_is_that_of_now():
    from audit_libraries import main

    done = CliRunner().invoke(main, ["--check"])
    assert done.exit_code == 0, done.output


def test_a_verdict_that_is_not_known_is_a_fault():
    from auditing.document import Result
    from auditing.libraries import Row

    report = audit(CELLS["MGU"], module(CELLS["MGU"].system))
    assert Result(Row("MGU", "code"), report, 0.0).fault == ""
    assert "expected" in Result(Row("MGU", "code", ("f = tanh(x)",)), report, 0.0).fault


@pytest.mark.parametrize("arguments", [["nothing"], ["LSTM", "--write"]])
def test_bad_options_are_usage_errors(arguments):
    from audit_libraries import main

    assert CliRunner().invoke(main, arguments).exit_code == 2
