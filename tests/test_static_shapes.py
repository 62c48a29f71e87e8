"""The static checker of shapes: what it is asked, what is made of its answers, and that faults are refused.

The tests under "with Pyrefly" need it, with its stubs, at $LSTMSPEC_PYREFLY, in .venv-pyrefly or on the PATH.
"""

import ast
import importlib
import os
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {path.parent.name: path.read_text() for path in sorted((ROOT / "generated").glob("*/torch.py"))}
every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
PLACES = (os.environ.get("LSTMSPEC_PYREFLY"), str(ROOT / ".venv-pyrefly" / "bin" / "pyrefly"), "pyrefly")
PYREFLY = next((found for place in PLACES if place and (found := shutil.which(place))), None)
with_pyrefly = pytest.mark.skipif(PYREFLY is None, reason="no Pyrefly: set LSTMSPEC_PYREFLY to its executable")

MODULE = '''
import torch
from jaxtyping import Float
from torch import Tensor


def step(
    W: Float[Tensor, "4*k n"],
    xs: Float[Tensor, "time batch n"],
    h: Float[Tensor, "batch k"],
) -> tuple[Float[Tensor, "time batch 4*k"], Float[Tensor, "batch k"]]:
    """A pass."""
    dtype = W.dtype
    # pre_a = W @ x, for a : (4*k)
    pre_a = xs @ W.T
    for at in range(2):
        # h.next = tanh(h) : (k)
        h_next = torch.tanh(h)
        pre_a[at] = pre_a[at]
        h = h_next
    return (pre_a, h)


def helper(x: Tensor) -> Tensor:
    return x
'''


@pytest.fixture(scope="module")
def shaping():
    sys.path.insert(0, str(ROOT / "scripts"))
    names = ("judge", "plant", "pyrefly", "statements", "translate")
    yield type("Shaping", (), {name: importlib.import_module(f"shaping.{name}") for name in names})
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def script(shaping):
    return importlib.import_module("static_shapes")


def answered(shaping, types, source=MODULE, **elsewhere):
    """The judgement of a module where Pyrefly answers with these types, by the code that was asked for."""
    copy = shaping.translate.translate(source)
    lines = copy.text.splitlines()
    messages = []
    for line, (index, _, place) in copy.keys.items():
        code = copy.statements[index].values[place]
        messages.append(shaping.judge.Message(line, "reveal-type", f"revealed type: {types[code]}"))
    for code, text in elsewhere.get("errors", {}).items():
        line = next(at for at, line in enumerate(lines, start=1) if line.strip() == code)
        messages.append(shaping.judge.Message(line, "bad", text))
    return shaping.judge.judge(copy, messages)


GOOD = {
    "pre_a": "Tensor[[time, batch, k * 4]]",
    "h_next": "Tensor[[batch, k]]",
    "pre_a[at]": "Tensor[[batch, 4 * k]]",
    "h": "Tensor[[batch, k]]",
}


# -- without Pyrefly ---------------------------------------------------------------------------------------------------


def test_the_statements_of_a_module_and_what_it_says_of_them(shaping):
    found = {statement.code: statement.allowed for statement in shaping.statements.statements(MODULE)}
    assert found == {
        "pre_a = xs @ W.T": (("time", "batch", "4*k"), ("4*k",)),
        "h_next = torch.tanh(h)": (("batch", "k"), ("k",)),
        "pre_a[at] = pre_a[at]": (),
        "h = h_next": (),
        "return pre_a": (("time", "batch", "4*k"),),
        "return h": (("batch", "k"),),
    }
    assert shaping.statements.others(MODULE) == ["helper"]


@every_source
def test_translation_changes_annotations_and_nothing_else(shaping, source):
    copy = shaping.translate.translate(source)
    kept = [line for line, origin in zip(copy.text.splitlines(), copy.origin, strict=True) if origin]
    assert len(kept) == len(source.splitlines())
    for old, new in zip(source.splitlines(), kept, strict=True):
        assert old == new or ("Float[" in old and "Shaped[" in new) or old.replace(": float,", ": Any,") == new
    ast.parse(copy.text)
    labelled = sum(bool(shaping.statements.LABEL.fullmatch(line.strip())) for line in source.splitlines())
    assert sum(len(s.allowed) == 2 for s in copy.statements) == labelled > 20


def test_shapes_that_agree_are_counted(shaping):
    judgement = answered(shaping, GOOD)
    assert (judgement.checked, judgement.unsaid, judgement.findings) == (6, (), ())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pre_a": "Tensor[[time, batch, 3 * k]]"}, "`pre_a` is Tensor[[time, batch, 3 * k]]; the module says"),
        ({"h_next": "Tensor[[time, batch, k]]"}, "the module says (batch, k)"),
        ({"h_next": "Tensor[[batch, 7]]", "h": "Tensor[[batch, k]]"}, "the module says (batch, k)"),
    ],
)
def test_a_shape_that_is_not_the_declared_one_is_a_finding(shaping, changes, text):
    findings = answered(shaping, GOOD | changes).findings
    assert any(text in finding.text for finding in findings)


@pytest.mark.parametrize("type_", ["Tensor", "Unknown", "Any", "Tensor[[batch, k]] | Unknown", "Tensor[[int, k]]"])
def test_a_lost_shape_is_neither_checked_nor_a_finding(shaping, type_):
    judgement = answered(shaping, GOOD | {"h_next": type_})
    assert [remark.code for remark in judgement.unsaid] == ["h_next = torch.tanh(h)"]
    assert judgement.checked == 5
    assert judgement.findings == ()


def test_no_answer_is_not_agreement(shaping):
    judgement = shaping.judge.judge(shaping.translate.translate(MODULE), [])
    assert judgement.checked == 0
    assert len(judgement.unsaid) == 6


def test_what_pyrefly_refuses_is_a_finding_on_the_line_of_the_module(shaping):
    (finding,) = answered(shaping, GOOD, errors={"pre_a = xs @ W.T": "`@` is not supported"}).findings
    assert MODULE.splitlines()[finding.line - 1].strip() == "pre_a = xs @ W.T"
    assert finding.text == "`@` is not supported [bad]"


@every_source
def test_planted_faults_change_one_line(shaping, source):
    faults = shaping.plant.plant(source)
    assert len({fault.kind for fault in faults}) >= 5
    for fault in faults:
        ast.parse(fault.source)
        pairs = zip(source.splitlines(), fault.source.splitlines(), strict=True)
        assert [at for at, (old, new) in enumerate(pairs, start=1) if old != new] == [fault.line]


def test_every_kind_of_fault_has_a_place(shaping):
    planted = {fault.kind for source in SOURCES.values() for fault in shaping.plant.plant(source)}
    assert planted == {*shaping.plant.KINDS, "a label that is not true"}


def test_without_pyrefly_the_script_could_not_run(script, tmp_path):
    done = CliRunner().invoke(script.main, ["--pyrefly", str(tmp_path / "bin" / "pyrefly")])
    assert done.exit_code == 2
    assert "pip install --no-deps pyrefly==" in done.output


# -- with Pyrefly ------------------------------------------------------------------------------------------------------


@with_pyrefly
def test_generated_models_are_accepted_and_every_planted_fault_is_refused(script):
    done = CliRunner().invoke(script.main, ["--pyrefly", PYREFLY, "--plant"])
    assert done.exit_code == 0, done.output
    planted, refused = (int(done.output.split(word)[side].split()[at]) for word, side, at in PLANTED)
    assert planted == refused > 100


PLANTED = (("Planted ", 1, 0), (" kinds: ", 1, 0))


@with_pyrefly
def test_all_but_the_boundary_of_autograd_is_checked(script, shaping):
    support = {path.name: path.read_text() for path in (ROOT / "generated").glob("*.py")}
    sources = {f"{name}/torch.py": source for name, source in SOURCES.items()}
    for name, judgement in script.judged(Path(PYREFLY), sources, support).items():
        assert not judgement.findings
        assert judgement.checked > len(judgement.unsaid)
        if not any(piece in sources[name] for piece in LOST):
            assert {remark.function for remark in judgement.unsaid} <= {"sequence"}, name


# What Pyrefly's stubs lose: comparisons, the derivative of a maximum, stacked transposes, groups of features.
LOST = (" < ", " <= ", "heaviside(", ".mT", "repeat_interleave(", "unflatten(", "remainder(")


@with_pyrefly
def test_an_empty_folder_is_no_success(script, tmp_path):
    assert CliRunner().invoke(script.main, [str(tmp_path), "--pyrefly", PYREFLY]).exit_code == 2
