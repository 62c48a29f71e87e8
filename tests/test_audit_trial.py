"""The audit on trial: planted faults are found, the score is no flatterer, and the table of libraries is true."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from helpers import CELLS

from lstmspec import audit
from lstmspec.audit_trial import (
    KINDS,
    LibraryAudit,
    LibraryRow,
    LibraryRowError,
    Outcome,
    audited,
    computed,
    faults,
    faults_command,
    libraries_command,
    library_rows,
    module,
    sample,
    scored,
)
from lstmspec.audit_trial._implementation import sizes_of
from lstmspec.audit_trial._library_rows import read
from lstmspec.audit_trial._rules import DEAD, MISSING_BIAS, STALE, SWAPPED
from lstmspec.emit import BACKENDS, generate, header_of, source
from lstmspec.loading import load

USERS = Path(__file__).resolve().parent / "users" / "cells.py"
HEAD = """
from lstmspec import Bias, Cell, Input, State, Weight, affine, concat, dims, tanh
a, b, c, d, e, n, k = dims("a b c d e n k")
class Mine(Cell):
""".lstrip()


def fault_of(cell, kind, number=0):
    return [fault for fault in faults(CELLS[cell].system) if fault.kind == kind][number]


def test_planted_faults_are_found(tmp_path):
    place = tmp_path / "scores.json"
    done = CliRunner().invoke(faults_command.main, ["MGU", "QRNN", "--limit", "0", "--seed", "3", "--json", str(place)])
    assert done.exit_code == 0, done.output
    assert "(100.0 %, at least 95 %)" in done.output
    scores = json.loads(place.read_text())
    assert len(scores) >= 10 and {score["verdict"] for score in scores} == {Outcome.SAME}


def test_every_kind_is_planted_in_some_cell():
    systems = [cell.system for cell in CELLS.values()]
    planted = sample(systems, 1, 0, None)
    assert {fault.kind for fault in planted} == set(KINDS)
    assert len({fault.original.name for fault in planted}) == len(CELLS)
    assert [str(fault) for fault in planted] == [
        str(fault) for fault in sample([c.system for c in CELLS.values()], 1, 0, None)
    ]


def test_a_fault_that_is_none_is_not_counted():
    assert scored(fault_of("MinLSTM", SWAPPED)).outcome is Outcome.NONE


@pytest.mark.parametrize(("believed", "outcome"), [(None, Outcome.NOT_SEEN), (MISSING_BIAS, Outcome.WRONG)])
def test_a_score_sees_an_audit_that_is_wrong(believed, outcome):
    def auditor(cell, theirs):
        return audit(cell, module(cell if believed is None else fault_of("LSTM", believed).implemented))

    assert scored(fault_of("LSTM", STALE)).outcome is Outcome.SAME
    assert scored(fault_of("LSTM", STALE), auditor).outcome is outcome


# -- implementations in memory -----------------------------------------------------------------------------------------


@pytest.fixture
def declare(tmp_path):
    """The path of a file with the cell `Mine`, whose body has these lines."""

    def declare(body):
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        (tmp_path / "mine.py").write_text(HEAD + lines, encoding="utf-8")
        return str(tmp_path / "mine.py")

    return declare


@pytest.mark.parametrize("backend", [backend.name for backend in BACKENDS])
def test_the_source_is_that_of_the_generated_file(backend):
    system = CELLS["SRU"].system
    written = generate([system]).files[f"sru/{backend}.py"]
    assert header_of(written).intact and written.endswith(source(system, backend)[f"{backend}.py"])


def test_there_is_no_source_for_a_backend_that_there_is_not():
    with pytest.raises(ValueError, match="no backend `fortran`; expected one of numpy, torch"):
        source(CELLS["SRU"].system, "fortran")


def test_a_module_computes_its_equations_at_any_number_of_sizes(declare):
    names = "abcde"
    body = f"{', '.join(f'x{x}' for x in names)}, h = {', '.join(f'Input({x})' for x in names)}, State(k)\n"
    body += f"h.next = tanh(affine({', '.join(f'x{x}' for x in names)}, h))"
    system = load([declare(body)])[0].system
    theirs, rng = module(system).double(), np.random.default_rng(3)
    sizes = sizes_of(system)
    assert list(sizes.values()) == [3, 5, 7, 11, 13, 17]
    xs = {f"x{x}": rng.normal(size=(2, sizes[x])) for x in names}
    h = {"h": rng.normal(size=sizes["k"])}
    own = {name: value.numpy() for name, value in theirs.to_spec().items()}
    with torch.no_grad():
        y, _ = theirs(*(torch.from_numpy(x)[:, None] for x in xs.values()), torch.from_numpy(h["h"])[None, None])
    assert np.allclose(y[:, 0].numpy(), computed(system, own, xs, h, sizes)[0], rtol=1e-12)


def test_a_matrix_of_two_products_keeps_its_columns_where_one_has_dead_ones():
    (split,) = load([f"{USERS}:Split"])
    dead = [fault for fault in faults(split.system) if fault.kind == DEAD]
    assert dead and all(fault.implemented.symbols["W"] == fault.system.symbols["W"] for fault in dead)


CANNOT = {
    "x, h = Input(n), State(k)\nh.next = tanh(x + h)": "LS110",
    "W, h = Weight(k, k), State(k)\nh.next = tanh(W @ h)": "LS212",
}


@pytest.mark.parametrize("body", CANNOT)
def test_a_cell_that_cannot_be_implemented_is_a_usage_error(body, declare):
    done = CliRunner().invoke(faults_command.main, [declare(body), "--limit", "3"])
    assert done.exit_code == 2
    assert CANNOT[body] in done.stderr and "Mine" in done.stderr


# -- cells of libraries ------------------------------------------------------------------------------------------------


def test_the_table_of_libraries_is_that_of_now():
    done = CliRunner().invoke(libraries_command.main, ["--check"])
    assert done.exit_code == 0, done.output


def test_a_verdict_that_is_not_known_is_a_fault():
    report = audit(CELLS["MGU"], module(CELLS["MGU"].system))
    assert LibraryAudit(LibraryRow("MGU", "code"), report, 0.0).fault == ""
    assert "expected" in LibraryAudit(LibraryRow("MGU", "code", ("f = tanh(x)",)), report, 0.0).fault


@pytest.mark.parametrize("arguments", [["nothing"], ["LSTM", "--write"]])
def test_bad_options_are_usage_errors(arguments):
    assert CliRunner().invoke(libraries_command.main, arguments).exit_code == 2


def test_a_table_that_is_not_that_of_now_is_seen_and_written(tmp_path, monkeypatch):
    rows = [row for row in library_rows() if row.cell == "MGU"]
    monkeypatch.setattr(libraries_command, "library_rows", lambda: rows)
    document = dataclasses.replace(libraries_command.DOCUMENT, path=tmp_path / "README.md")
    text = libraries_command.DOCUMENT.with_table(libraries_command.DOCUMENT.read(), "| `MGU` | nothing |")
    document.path.write_text(text)
    monkeypatch.setattr(libraries_command, "DOCUMENT", document)
    done = CliRunner().invoke(libraries_command.main, ["--check"])
    assert done.exit_code == 1 and "-| `MGU` | nothing |" in done.stderr
    assert CliRunner().invoke(libraries_command.main, ["--write"]).exit_code == 0
    assert CliRunner().invoke(libraries_command.main, ["--check"]).exit_code == 0
    document.path.unlink()
    done = CliRunner().invoke(libraries_command.main, ["--check"])
    assert done.exit_code == 2 and "need a checkout" in done.stderr


@pytest.mark.parametrize("code", ["no_such_package:Cell(n, k)", "torch.nn:GRU(n, q)", "torch.nn:GRU(n)", "torch.nn"])
def test_code_that_cannot_be_had_is_named(code, monkeypatch):
    with pytest.raises(LibraryRowError, match=r"`(torch|no_such_package).*` cannot be made: "):
        list(audited([LibraryRow("MGU", code)]))
    monkeypatch.setattr(libraries_command, "library_rows", lambda: [LibraryRow("MGU", code)])
    done = CliRunner().invoke(libraries_command.main, ["mgu"])
    assert done.exit_code == 2 and "cannot be made" in done.stderr and "n = 5, k = 7" in done.stderr


BAD = {
    "[[audit]": "is no TOML",
    "": r"f: expected tables \[\[audit\]\], got None",
    "audit = 3": r"expected tables \[\[audit\]\], got 3",
    "audit = [3]": "f: audit 1: expected a table, got 3",
    "[other]\n[[audit]]": r"expected nothing but tables \[\[audit\]\]",
    "[[audit]]\ncell = 'A'": "f: audit 1 is .*; expected the keys cell and code",
    "[[audit]]\ncell = 'A'\ncode = 'x:B'": r"f: audit 1: code is 'x:B'; expected a list",
    "[[audit]]\ncell = 'A'\ncode = []": "f: audit 1: code is .*; expected a list",
    "[[audit]]\ncell = 'B'\ncode = ['x:B']": "f: audit 1: cell is 'B'; expected one of A",
    "[[audit]]\ncell = 'A'\ncode = ['x:B']\nedit = ['y']": "f: audit 1 is 'edit'; .*did you mean `edits`",
    "[[audit]]\ncell = 'A'\ncode = ['x:B']\nsizes = { p = 3.0 }": "f: audit 1: sizes is .*; expected { DIMENSION",
    "[[audit]]\ncell = 'A'\ncode = ['x:B']\nconstants = { p = 3 }": "f: audit 1: constants is .*decimal point",
}


@pytest.mark.parametrize("text", BAD)
def test_a_file_that_is_not_as_its_top_says_is_refused(text):
    with pytest.raises(LibraryRowError, match=BAD[text]):
        read(text, "f", ["A"])


def test_notes_stand_at_the_first_of_several_codes():
    text = "[[audit]]\ncell = 'A'\ncode = ['x:B', 'x:C']\nedits = ['e']\nsizes = { p = 3 }\nnotes = ['n']\n"
    assert read(text, "f", ["A"]) == (
        LibraryRow("A", "x:B", ("e",), {"p": 3}, {}, ("n",)),
        LibraryRow("A", "x:C", ("e",), {"p": 3}),
    )
