"""The static check of shapes: faults are planted and refused, a checker that does not work is noticed.

The tests under "with Pyrefly" need it, with its stubs, at $LSTMSPEC_PYREFLY, in .venv-pyrefly or on the PATH.
"""

import os
import shutil
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import CELLS
from twins import procedure, subject

from lstmspec.emit import Judgement, NotRun, Subject
from lstmspec.emit.torch.static import Pyrefly, _pyrefly, twin
from lstmspec.emit.torch.static._support import CANARY, REFUSED
from lstmspec.procedure import Apply, At, Buffer, Lead, Local, Read, Total
from lstmspec.sizes import Size
from lstmspec.static_shapes import KINDS, RULES, Around, edited, faults
from lstmspec.static_shapes.command import main

ROOT = Path(__file__).resolve().parent.parent
PLACES = (os.environ.get("LSTMSPEC_PYREFLY"), str(ROOT / ".venv-pyrefly" / "bin" / "pyrefly"), "pyrefly")
PYREFLY = next((found for place in PLACES if place and (found := shutil.which(place))), None)
with_pyrefly = pytest.mark.skipif(PYREFLY is None, reason="no Pyrefly: set LSTMSPEC_PYREFLY to its executable")
every_cell = pytest.mark.parametrize("name", CELLS)


# -- planted faults ----------------------------------------------------------------------------------------------------


@every_cell
def test_a_planted_fault_is_one_change(name):
    for good in subject(name).procedures:
        planted = faults(good)
        assert len({fault.kind for fault in planted}) == len(planted) >= 5
        before = twin(good, subject(name).dims).text
        for fault in planted:
            assert fault.procedure != good
            assert twin(fault.procedure, subject(name).dims).text != before, fault.kind


def test_every_kind_of_fault_has_a_place():
    names = (*CELLS, "Joined")
    planted = {fault.kind for name in names for one in subject(name).procedures for fault in faults(one)}
    assert planted == set(KINDS)


def test_no_fault_is_planted_where_shapes_are_not_checked():
    good = procedure("LSTM", "forward")
    named = {fault.array for fault in faults(good) if fault.kind == "a slice too narrow"}
    assert named == {"f"}
    others = {fault.array for fault in faults(good, {"f"}) if fault.kind == "a slice too narrow"}
    assert others == {"i"}


def test_a_fault_below_a_sum_would_not_show():
    """What the sum is of changes, and its shape does not; above it all shows."""
    size, none = (Size.of("k"),), Around((), ())
    part = Apply(size, Lead.STEPS, "slice", (Local((Size.of("k") * Size.of(2),), Lead.STEPS, "a"),), (0, *SLICE))
    assert len(list(edited(part, narrowed, none))) == 1
    assert list(edited(Apply((), Lead.STEPS, "sum", (part,)), narrowed, none)) == []
    assert len(list(edited(Total(size, Lead.NONE, part), narrowed, none))) == 1
    step = Read(size, Lead.STEPS, Buffer("all_h", Lead.HISTORY, size), At.STEPS)
    assert len(list(edited(step, whole_history, none))) == 1
    assert list(edited(Total(size, Lead.NONE, step), whole_history, none)) == []


SLICE = (Size.of("k"), Size.of("k") * Size.of(2))
narrowed, whole_history = RULES["a slice too narrow"], RULES["one entry too many read"]


# -- Pyrefly that cannot run -------------------------------------------------------------------------------------------


def fake(place, script):
    """An environment with an executable that is none of Pyrefly's, and with what looks like its stubs."""
    (place / "bin").mkdir(parents=True)
    for name in ("torch-stubs", "shape_extensions"):
        (place / "lib" / "python3.11" / "site-packages" / name).mkdir(parents=True)
    program = place / "bin" / "pyrefly"
    program.write_text(f"#!{sys.executable}\nimport json, sys\nfrom pathlib import Path\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


REPORT = "Path(next(a for a in sys.argv if a.startswith('json:'))[5:]).write_text({text})"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sys.exit('out of order')", "no report, but exit 1\nout of order"),
        ("sys.exit(3)", "exit 3"),
        ("pass", "no report, but exit 0"),
        (REPORT.format(text="'[]'"), "report cannot be read"),
        (REPORT.format(text="'{'"), "report cannot be read"),
        (REPORT.format(text="json.dumps({'errors': [{'path': 'x.py'}]})"), "report cannot be read"),
        (
            REPORT.format(text="json.dumps({'errors': [{'path': 'x.py', 'description': 'no'}]})"),
            "speaks of x.py: no",
        ),
        (REPORT.format(text="json.dumps({'errors': []})"), "it does not check shapes here"),
    ],
)
def test_a_checker_that_does_not_work_is_said(script, said, tmp_path):
    with pytest.raises(NotRun, match=said):
        Pyrefly().judge(fake(tmp_path, script), [subject("GRU")])


def test_without_stubs_the_script_could_not_run(tmp_path):
    done = CliRunner().invoke(main, ["gru", "--pyrefly", str(tmp_path / "bin" / "pyrefly")])
    assert done.exit_code == 2
    assert "pip install --no-deps pyrefly==" in done.output


def test_an_executable_that_is_not_there_is_said(tmp_path):
    program = fake(tmp_path, "pass")
    program.unlink()
    done = CliRunner().invoke(main, ["gru", "--pyrefly", str(program)])
    assert done.exit_code == 2
    assert "No such file or directory" in done.output


def test_without_pytorch_it_could_not_run(monkeypatch, tmp_path):
    monkeypatch.setattr(_pyrefly, "NEEDED", ("torch_that_nobody_has",))
    with pytest.raises(NotRun, match=r"has no torch_that_nobody_has, .* pip install torch_that_nobody_has"):
        Pyrefly().judge(fake(tmp_path, "pass"), [subject("GRU")])


def test_without_an_index_of_packages_it_cannot_be_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["gru"])
    assert done.exit_code == 2
    assert "pyrefly cannot be installed into .venv-pyrefly; --pyrefly says where it is" in done.output


def test_a_spec_that_is_none_is_said(tmp_path):
    done = CliRunner().invoke(main, ["nonsense", "--pyrefly", str(tmp_path)])
    assert done.exit_code == 2
    assert "LS213" in done.output


# -- with Pyrefly ------------------------------------------------------------------------------------------------------


@with_pyrefly
def test_generated_models_are_accepted_and_every_planted_fault_is_refused():
    done = CliRunner().invoke(main, ["--pyrefly", PYREFLY, "--plant", "--limit", "120"])
    assert done.exit_code == 0, done.output
    words = done.output.split("Planted ")[1].split()  # "120 faults of 16 kinds: 200 refused"
    assert int(words[0]) == int(words[5]) > 100
    assert all(f"\n  {subject(name).name} " in done.output for name in CELLS)


@with_pyrefly
def test_all_is_checked_but_what_the_stubs_lose():
    found = Pyrefly().judge(Path(PYREFLY), [subject(name) for name in CELLS])
    assert [remark for one in found for remark in one.findings] == []
    statements, checked = sum(one.statements for one in found), sum(one.checked for one in found)
    assert statements > 8000
    assert checked / statements > 0.99
    for remark in (remark for one in found for remark in one.unsaid):
        assert any(piece in remark.text for piece in LOST), remark


LOST = (" < ", " <= ", ".mT", ".unflatten(")  # comparisons, stacked transposes, groups of features


@with_pyrefly
def test_a_fault_of_each_kind_is_refused():
    first = {}
    for name in (*CELLS, "Joined"):
        for one in subject(name).procedures if len(first) < len(KINDS) else ():
            for fault in faults(one):
                first.setdefault(fault.kind, (name, fault))
    assert first.keys() == set(KINDS)
    faulty = [Subject(kind, subject(name).dims, (fault.procedure,)) for kind, (name, fault) in first.items()]
    for one, judgement in zip(faulty, Pyrefly().judge(Path(PYREFLY), faulty), strict=True):
        assert judgement.findings, one.name


@with_pyrefly
def test_a_declaration_between_statements_hides_nothing():
    """A false label is refused where it stands, although all that follows is declared to be as it says."""
    good = procedure("LSTM", "backward")
    bad = []
    for place, line in enumerate(good.assignments):
        label = replace(line.label, shape=(*line.label.shape[:-1], line.label.shape[-1] * line.label.shape[-1]))
        bad.append(Subject("bad", subject("LSTM").dims, (good.with_line(place, replace(line, label=label)),)))
    for line, found in zip(good.assignments, Pyrefly().judge(Path(PYREFLY), bad), strict=True):
        assert line.target.name in {finding.array for finding in found.findings}


@with_pyrefly
def test_without_the_classes_of_pytorch_it_notices_that_shapes_are_not_checked(monkeypatch):
    """Pyrefly takes a class with an unknown base for anything: then it accepts every sum."""
    monkeypatch.setattr(_pyrefly, "_libraries", lambda: [])
    with pytest.raises(NotRun, match="it does not check shapes here"):
        Pyrefly().judge(Path(PYREFLY), [subject("GRU")])


@with_pyrefly
def test_the_canary_is_refused_in_its_last_line_alone():
    (messages,) = _pyrefly.check(Path(PYREFLY), [CANARY])
    assert [message.line for message in messages] == [REFUSED]
    assert CANARY.splitlines()[REFUSED - 1].strip() == "wrong = x + b"


@with_pyrefly
@pytest.mark.parametrize("name", ["Fixed", "Scalars", "Turned"])
def test_cells_of_users_are_accepted(name, tmp_path):
    (tmp_path / "cells.py").write_text(USERS)
    done = CliRunner().invoke(main, [f"{tmp_path / 'cells.py'}:{name}", "--pyrefly", PYREFLY, "--plant", "-v"])
    assert done.exit_code == 0, done.output
    assert "finding:" not in done.output


USERS = """
from lstmspec import Bias, Cell, Constant, Input, State, Weight, affine, dims, mod, outer, sigmoid, tanh

n, k, m = dims("n k m")


class Fixed(Cell):
    x, h = Input(3), State(5)
    h.next = tanh(affine(x, h))


class Scalars(Cell):
    x, h = Input(n), State(n)
    w, alpha = Weight(), Constant(0.5)
    h.next = tanh(w * h + mod(alpha, x))


class Turned(Cell):
    x, h, C = Input(n), State(k), State(k, m)
    W, V, b = Weight(k, n), Weight(m, n), Bias(k)
    C.next = sigmoid(C) + outer(sigmoid(affine(h)) * (W @ x), V @ x)
    h.next = tanh(C.next @ (V @ x) + b)
"""


@with_pyrefly
def test_a_cell_whose_every_statement_is_lost_is_no_success(monkeypatch):
    monkeypatch.setattr(Pyrefly, "judge", lambda *_: [Judgement(3, 0, (), ())])
    done = CliRunner().invoke(main, ["gru", "--pyrefly", PYREFLY])
    assert done.exit_code == 2
    assert "gru: not one statement could be checked" in done.output
