"""The generated folder: same bytes, atomic writes, refusals, and cells that users write themselves."""

import ast
import json
import os
import pickle
import py_compile
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from ruff import find_ruff_bin

from lstmspec import Cell, CellMeta, Code, Input, SpecError, State, Weight, affine, dims, oracle, sigmoid, tanh
from lstmspec.cli import main
from lstmspec.cli._load import load
from lstmspec.emit import generate
from lstmspec.emit._model import folder
from lstmspec.spec import Role

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "generate.py"
n, k = dims("n k")

MINE = '''
from lstmspec import Cell, Input, State, affine, dims, sigmoid, tanh

n, k = dims("n k")


class Mine(Cell):
    """A cell of my own."""

    x = Input(n)
    h = State(k)

    z = sigmoid(affine(x, h))
    h.next = z * h + (1 - z) * tanh(affine(x))
'''


def run(*arguments, seed="0", cwd=ROOT, code=None):
    """A fresh interpreter; `code` stands for a script."""
    command = [sys.executable, *(["-c", code] if code else []), *map(str, arguments)]
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def invoke(*arguments):
    """`lstmspec generate` in this process."""
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def bytes_of(place):
    """Relative path → bytes of a generated folder, caches of the interpreter aside."""
    files = sorted(path for path in place.rglob("*.py") if "__pycache__" not in path.parts)
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def stamps_of(place):
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in place.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """All built-in cells, generated once by the script."""
    out = tmp_path_factory.mktemp("fresh") / "generated"
    done = run(SCRIPT, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def mine(tmp_path):
    """A user's file and the folder generated from it."""
    spec, out = tmp_path / "mine.py", tmp_path / "models"
    spec.write_text(MINE)
    assert invoke(spec, "--out", out).exit_code == 0
    return spec, out


# -- the same bytes ----------------------------------------------------------------------------------------------------


def test_the_second_run_writes_nothing(fresh):
    before = stamps_of(fresh)
    done = run(SCRIPT, "--out", fresh)
    assert done.returncode == 0, done.stderr
    assert "0 written" in done.stdout
    assert stamps_of(fresh) == before


@pytest.mark.parametrize("seed", ["1", "2", "4242"])
def test_every_hash_seed_gives_the_committed_bytes(seed, tmp_path):
    done = run(SCRIPT, "--out", tmp_path / "generated", seed=seed)
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "generated") == bytes_of(ROOT / "generated")


def test_the_script_is_the_command(tmp_path):
    assert run(SCRIPT, "LSTM", "--out", tmp_path / "a").returncode == 0
    assert invoke("LSTM", "--out", tmp_path / "b").exit_code == 0
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_two_folders_do_not_depend_on_where_they_are(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "yours.py").write_text(f"# moved\n\n{MINE}")
    assert invoke(tmp_path / "mine.py", "--out", tmp_path / "a").exit_code == 0
    assert invoke(tmp_path / "deep" / "er" / "yours.py", "--out", tmp_path / "deep" / "b").exit_code == 0
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "deep" / "b")


# -- --check -----------------------------------------------------------------------------------------------------------


def check_finds(arguments, out, *pieces):
    """`--check` exits 1 with a unified diff that has these pieces, and writes nothing."""
    before = stamps_of(out)
    done = invoke(*arguments, "--out", out, "--check")
    assert done.exit_code == 1, done.output
    for piece in ("--- ", "+++ ", "@@", *pieces):
        assert piece in done.stdout
    assert stamps_of(out) == before


def test_check_is_clean_on_a_fresh_folder(fresh):
    before = stamps_of(fresh)
    done = run(SCRIPT, "--check", "--out", fresh)
    assert done.returncode == 0, done.stdout
    assert "@@" not in done.stdout
    assert stamps_of(fresh) == before


def test_check_is_clean_on_the_committed_folder():
    done = invoke("--check", "--out", ROOT / "generated")
    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize("name", ["__init__.py", "_checks.py", "mine/__init__.py", "mine/numpy.py", "mine/torch.py"])
def test_check_finds_one_changed_character(name, mine):
    spec, out = mine
    text = (out / name).read_text()
    (out / name).write_text(text.replace("e", "E", 1))
    check_finds([spec], out, f"--- models/{name}", f"+++ models/{name}")
    assert invoke(spec, "--out", out).exit_code == 0
    assert (out / name).read_text() == text


def test_check_finds_a_lost_newline(mine):
    spec, out = mine
    (out / "mine/torch.py").write_text((out / "mine/torch.py").read_text().rstrip("\n"))
    check_finds([spec], out)


def test_check_finds_a_deleted_file(mine):
    spec, out = mine
    (out / "mine/numpy.py").unlink()
    check_finds([spec], out, "--- /dev/null", "+++ models/mine/numpy.py")
    assert not (out / "mine/numpy.py").exists()


def test_check_finds_a_missing_folder_and_does_not_make_it(tmp_path):
    done = invoke("LSTM", "--out", tmp_path / "nowhere", "--check")
    assert done.exit_code == 1
    assert "--- /dev/null" in done.stdout
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("old", "new"), [("1 - z", "1 + z"), ("A cell of my own", "Another cell"), ("State(k)", "State(n)"), ("x)", "h)")]
)
def test_check_finds_a_changed_spec(old, new, mine):
    spec, out = mine
    assert invoke(spec, "--out", out, "--check").exit_code == 0
    spec.write_text(MINE.replace(old, new))
    os.utime(spec, (1, 1))  # a cache of the interpreter must not hide the change
    check_finds([spec], out, "+# spec ", "-# spec ")
    assert invoke(spec, "--out", out).exit_code == 0
    assert invoke(spec, "--out", out, "--check").exit_code == 0


def test_comments_and_layout_of_a_spec_change_nothing(mine):
    spec, out = mine
    spec.write_text(MINE.replace("    z =", "    # the update gate\n    z  =").replace("(1 - z)", "(1-z)"))
    os.utime(spec, (1, 1))
    assert invoke(spec, "--out", out, "--check").exit_code == 0


# -- killed half-way ---------------------------------------------------------------------------------------------------

KILLED = {
    "at the third rename": """
        real, calls = os.replace, []
        def replace(*places):
            calls.append(places)
            if len(calls) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            real(*places)
        os.replace = replace
    """,
    "in a temporary file": """
        real, calls = os.fdopen, []
        def fdopen(*arguments, **options):
            stream = real(*arguments, **options)
            write = stream.write
            def half(text):
                calls.append(text)
                if len(calls) == 2:
                    write(text[: len(text) // 2])
                    stream.flush()
                    os.kill(os.getpid(), signal.SIGKILL)
                return write(text)
            class Half:
                def __enter__(self):
                    return self
                def __exit__(self, *error):
                    stream.close()
                write = staticmethod(half)
            return Half()
        os.fdopen = fdopen
    """,
}


@pytest.mark.parametrize("when", KILLED)
def test_a_killed_run_leaves_whole_files(when, mine, tmp_path):
    spec, out = mine
    old = bytes_of(out)
    spec.write_text(MINE.replace("1 - z", "0.5 - z").replace("tanh(", "sigmoid("))
    assert invoke(spec, "--out", tmp_path / "new").exit_code == 0
    new = bytes_of(tmp_path / "new")
    for name in ("__init__.py", "_checks.py"):  # stale too, so that there is something to write for every file
        (out / name).write_bytes(old[name] + b"# edited\n")
    old = bytes_of(out)
    body = "\n".join(line[8:] for line in KILLED[when].splitlines())
    code = f"import os, signal, sys\n{body}\nfrom lstmspec.cli import main\nmain(sys.argv[1:])"
    done = run("generate", spec, "--out", out, code=code)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = bytes_of(out)
    targets = {name: text for name, text in left.items() if not Path(name).name.startswith(".")}
    assert targets.keys() == old.keys()
    for name, text in targets.items():
        assert text in (old[name], new[name]), name
        compile(text, name, "exec")
    changed = sum(targets[name] == new[name] != old[name] for name in targets)
    assert changed == (2 if when == "at the third rename" else 0)
    assert invoke(spec, "--out", out, "--check").exit_code == 1
    assert invoke(spec, "--out", out).exit_code == 0
    assert {name: bytes_of(out)[name] for name in new} == new


def test_an_error_while_writing_leaves_no_temporary_files(mine, monkeypatch):
    spec, out = mine
    old = bytes_of(out)
    spec.write_text(MINE.replace("1 - z", "0.5 - z"))

    def full(*places):
        raise OSError(28, "No space left on device", str(places[1]))

    monkeypatch.setattr(os, "replace", full)
    done = invoke(spec, "--out", out)
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert bytes_of(out) == old
    assert not list(out.rglob("*.tmp"))


# -- where it cannot write ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [(), ("--check",)])
@pytest.mark.parametrize("below", ["", "below", "below/deeper"])
def test_a_file_in_the_way_is_one_line(below, flags, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = invoke("LSTM", "--out", tmp_path / "file" / below, *flags)
    assert done.exit_code == 2
    assert done.exception is None or isinstance(done.exception, SystemExit)
    errors = [line for line in done.stderr.splitlines() if "rror" in line]
    assert len(errors) == 1
    assert str(tmp_path / "file") in errors[0]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_where_a_file_belongs_is_one_line(tmp_path):
    (tmp_path / "out" / "lstm" / "numpy.py").mkdir(parents=True)
    done = invoke("LSTM", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert [line for line in done.stderr.splitlines() if "rror" in line] != []
    assert "Traceback" not in done.output


def test_two_cells_with_one_folder_are_refused(tmp_path):
    (tmp_path / "two.py").write_text(MINE + MINE.replace("Mine", "MINE"))
    done = invoke(tmp_path / "two.py", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "LS203" in done.stderr
    assert not (tmp_path / "out").exists()


# -- the text ----------------------------------------------------------------------------------------------------------


def test_the_text_is_formatted(fresh):
    command = [find_ruff_bin(), "format", "--check", "--isolated", "--line-length=120", str(fresh)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_text_compiles_without_a_warning(fresh, tmp_path):
    for index, path in enumerate(sorted(fresh.rglob("*.py"))):
        py_compile.compile(str(path), cfile=str(tmp_path / f"{index}.pyc"), doraise=True)


def test_the_text_has_no_place_and_no_date(fresh):
    for name, text in bytes_of(fresh).items():
        for piece in (str(ROOT), str(fresh.parent), "/tmp", "/home", "/root", "site-packages", ".jinja"):
            assert piece.encode() not in text, name
        assert b"lstmspec" not in text.replace(b"lstmspec generate", b"").replace(b"enerated by lstmspec", b""), name
        header = text.decode().split('"""')[0]
        assert "20" not in header.replace("# spec", "").replace("# body", "").split("# Generated")[0], name


def test_the_header_has_digests_that_fit(fresh):
    seen = []
    for name in bytes_of(fresh):
        lines = (fresh / name).read_text().splitlines()
        if Path(name).name == "__init__.py":
            continue
        assert lines[0].startswith("# Generated by lstmspec"), name
        assert "Do not edit" in lines[0], name
        words = lines[1].split()
        assert words[-2] == "body", name
        assert len(words[-1]) == 16 and int(words[-1], 16) >= 0, name
        seen.append(words[-1])
    assert len(set(seen)) == len(seen)


def test_the_spec_digest_is_the_same_for_both_backends(fresh):
    for place in sorted(path.parent for path in fresh.glob("*/torch.py")):
        first, second = ((place / name).read_text().splitlines()[1].split()[2] for name in ("numpy.py", "torch.py"))
        assert first == second


def test_generated_modules_import_nothing_but_their_runtime(fresh):
    allowed = {"numpy", "torch", "jaxtyping", "beartype", "_checks", "", None}
    for name, text in bytes_of(fresh).items():
        for node in ast.walk(ast.parse(text)):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in imported:
                known = (module or "").split(".")[0]
                assert known in allowed or known in sys.stdlib_module_names, f"{name} imports {module}"
        assert b"from __future__ import annotations" not in text, name


# -- text of a spec never becomes code ---------------------------------------------------------------------------------

HOSTILE = {
    "ends the docstring": '"""\nimport os; os.system(\'touch pwned\')\n"""',
    "expression": '""" + __import__("os").system("touch pwned") + """',
    "escaped quotes": '\\"""\nimport os; os.system("touch pwned")\n\\"""',
    "single quotes": "'''\nimport os; os.system('touch pwned')\n'''",
    "backslashes": "C:\\new\\x41\\u0041\\N{DASH} \\\\ end",
    "trailing backslash": "ends with \\",
    "trailing quote": 'ends with "',
    "only a quote": '"',
    "many quotes": '""""""""',
    "jinja": "{{ 7*7 }} {% raw %} {# gone #} {% endraw %} {{ m.system }}",
    "open jinja": "{% if {{ {#",
    "format": "%s %(name)s {0} {name} ${x} {}",
    "noqa": "# noqa  # fmt: off  # type: ignore",
    "comment": "first\n# not a comment\n    indented: keep\nlast",
    "unicode": "ünïcode ∂L/∂h ⊙ 時間 🙂",
    "long": ("word " * 60).strip(),
    "empty": "",
}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A spec file with a cell for each docstring, its models imported in a folder that must stay as it is."""
    place = tmp_path_factory.mktemp("hostile")
    source = MINE.partition("class Mine")[0]
    for index, doc in enumerate(HOSTILE.values()):
        body = "    x, h = Input(k), State(k)\n    h.next = 0.5 * h + x\n"
        source += f"\n\nclass Hostile{index}(Cell):\n    __doc__ = {doc!r}\n{body}"
    (place / "cells.py").write_text(source, encoding="utf-8")
    done = invoke(place / "cells.py", "--out", place / "models")
    assert done.exit_code == 0, done.output
    names = [f"models.hostile{index}.{kind}" for index in range(len(HOSTILE)) for kind in ("numpy", "torch")]
    code = (
        "import importlib, json, sys\n"
        "modules = [importlib.import_module(name) for name in sys.argv[1:]]\n"
        "print(json.dumps([module.__doc__ for module in modules]))"
    )
    before = sorted(place.iterdir())
    child = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code, *names],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert sorted(place.iterdir()) == before
    docs = json.loads(child.stdout)
    return place, dict(zip(HOSTILE, zip(docs[::2], docs[1::2], strict=True), strict=True))


@pytest.mark.parametrize("which", HOSTILE)
def test_a_docstring_stays_text(which, hostile):
    place, docs = hostile
    assert not list(place.rglob("pwned"))
    for found in docs[which]:
        for line in HOSTILE[which].strip().splitlines():
            assert line.strip() in found


@pytest.mark.parametrize("which", HOSTILE)
def test_a_docstring_adds_no_statement(which, hostile):
    place, docs = hostile
    at = list(docs).index(which)
    for kind in ("numpy", "torch"):
        trees = [ast.parse((place / "models" / f"hostile{i}" / f"{kind}.py").read_text()) for i in (at, len(docs) - 1)]
        shapes = [[type(node).__name__ for node in ast.walk(tree)] for tree in trees]
        assert shapes[0] == shapes[1]


NO_NAMES = ["f; import os", "class", "lambda", "None", "a b", "a.b", "f\n", "é", "", "1f", "f()", "np", "torch", "_f"]


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("kind", ["equation", "state", "weight", "input"])
def test_a_name_that_is_no_plain_identifier_is_refused(kind, name):
    with pytest.raises(SpecError) as caught:

        class _Bad(Cell):
            x = Input(n)
            h = State(k)
            if kind == "equation":
                locals()[name] = sigmoid(affine(x, h, name="a"))
            elif kind == "weight":
                locals()[name] = Weight(k)
            elif kind == "input":
                locals()[name] = Input(n)
            else:
                locals()[name] = State(k)
                locals()[name].next = tanh(affine(x, name="a"))
            h.next = tanh(affine(x, h)) * (locals()[name] if kind != "input" else affine(locals()[name], name="b"))

    assert caught.value.diagnostics[0].code in (Code.LS202, Code.LS207)


@pytest.mark.parametrize("name", ["f; import os", "a b", "é", "a.b", "f\n"])
def test_a_layer_name_that_is_no_plain_identifier_is_refused(name):
    with pytest.raises(SpecError, match="LS202"):

        class _Bad(Cell):
            x = Input(n)
            h = State(k)
            h.next = tanh(affine(x, h, name=name))


@pytest.mark.parametrize(
    "name", ["f; import os", "../../evil", "class", "Class", "a b", "", "__import__", "torch", "é"]
)
def test_a_cell_name_that_is_no_plain_identifier_is_refused(name):
    body = CellMeta.__prepare__(name, (Cell,))
    body["x"], body["h"] = Input(n), State(k)
    body["h"].next = tanh(affine(body["x"], body["h"]))
    with pytest.raises(SpecError, match="LS202"):
        CellMeta(name, (Cell,), body)


def test_a_cell_made_like_a_type_is_a_cell():
    body = CellMeta.__prepare__("Made", (Cell,))
    body["x"], body["h"] = Input(n), State(k)
    body["h"].next = tanh(affine(body["x"], body["h"]))
    made = CellMeta("Made", (Cell,), body)
    assert "made/torch.py" in generate([made.system]).files


# -- cells that users write --------------------------------------------------------------------------------------------

USERS = """
from lstmspec import (
    Bias, Cell, Constant, Input, Output, State, Weight, affine, concat, cos, dims, dot, elementwise, exp, hard_sigmoid,
    linear, log, log_sigmoid, maximum, minimum, ones, outer, relu, sigmoid, sin, softplus, softsign, split, sqrt, sum,
    tanh, where,
)

n, k, m, d, p = dims("n k m d p")


class UGRNN(Cell):
    x, h = Input(n), State(k)
    c = tanh(affine(x, h))
    g = sigmoid(affine(x, h))
    h.next = g * h + (1 - g) * c


class MinGRU(Cell):
    x, h = Input(n), State(k)
    z = sigmoid(affine(x))
    h.next = (1 - z) * h + z * affine(x, name="g")


class TwoInputs(Cell):
    x, u, h = Input(n), Input(m), State(k)
    W, U = Weight(k, n), Weight(k, m)
    h.next = tanh(W @ x + U @ u + affine(h))


class ThreeInputs(Cell):
    q, r, s, h = Input(n), Input(m), Input(p), State(k)
    A, B, C = Weight(k, n), Weight(k, m), Weight(k, p)
    h.next = tanh(A @ q + (B @ r) * (C @ s) + linear(h))


class UnusedInput(Cell):
    x, u, h = Input(n), Input(m), State(k)
    h.next = tanh(affine(x, h))


class Leaky(Cell):
    x, h = Input(n), State(k)
    alpha = Constant(0.1)
    h.next = (1 - alpha) * h + alpha * tanh(affine(x, h))


class Constants(Cell):
    x, h = Input(n), State(k)
    alpha, beta = Constant(1), Constant(-0.5)
    h.next = alpha * beta * tanh(affine(x, h)) + alpha * h / (beta + 2) + exp(-alpha) + maximum(beta, h)


class ConstantPower(Cell):
    x, h = Input(n), State(k)
    alpha = Constant(2)
    h.next = tanh(affine(x, h)) ** alpha


class ScalarGate(Cell):
    x, h = Input(n), State(k)
    w, b = Weight(n), Bias(())
    s = sigmoid(dot(w, x) + b)
    h.next = s * h + (1 - s) * tanh(affine(x, h))


class ScalarState(Cell):
    x, s = Input(n), State(())
    w, a, b = Weight(n), Weight(()), Bias((), init=1.0)
    s.next = tanh(a * s + dot(w, x) + b)


class AllScalar(Cell):
    x, s = Input(()), State(())
    w, a, b = Weight(()), Weight(()), Bias(())
    s.next = tanh(w * x + a * s + b)


class TimeGap(Cell):
    x, gap, h = Input(n), Input(()), State(k)
    tau = Weight(k)
    g = exp(-softplus(tau) * gap * gap)
    h.next = g * h + (1 - g) * tanh(affine(x, h))


class Masked(Cell):
    x, mask, h = Input(n), Input(()), State(k)
    fresh = tanh(affine(x, h))
    h.next = mask * fresh + (1 - mask) * h


class Clock(Cell):
    x, h, tick = Input(n), State(k), State(())
    tick.next = tick + 1
    h.next = sin(0.1 * tick) * tanh(affine(x, h))


class Emits(Cell):
    x, h = Input(n), State(k)
    V = Weight(m, k)
    h.next = tanh(affine(x, h))
    y = Output(V @ h.next)


class EmitsScalar(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    h.next = tanh(affine(x, h))
    y = Output(dot(w, h.next))


class EmitsMatrix(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(outer(h.next, x))


class EmitsAll(Cell):
    x, h, c = Input(n), State(k), State(m)
    h.next = tanh(affine(x, h))
    c.next = tanh(affine(x, c))
    y = Output(concat(h.next, c.next, x))


class EmitsOldState(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(h)


class EmitsInput(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(x)


class EmitsWeight(Cell):
    x, h = Input(n), State(k)
    w = Weight(m)
    h.next = tanh(affine(x, h))
    y = Output(w * 2)


class EmitsFirst(Cell):
    x, h = Input(n), State(k)
    y = Output(tanh(affine(x, h)))
    h.next = y * 0.5


class Delay(Cell):
    x, p, h = Input(n), State(n), State(k)
    p.next = x
    h.next = tanh(affine(x, p, h))


class DelayOnly(Cell):
    x, p = Input(n), State(n)
    p.next = x


class FeedForward(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x))


class StateNobodyReads(Cell):
    x, h, e = Input(n), State(k), State(k)
    h.next = sigmoid(affine(x, h))
    e.next = h + 0.5 * h.next


class ConstantState(Cell):
    x, h, c = Input(k), State(k), State(k)
    h.next = c + x
    c.next = ones(k) * 0.5


class WeightState(Cell):
    x, h, c = Input(n), State(k), State(k)
    w = Weight(k)
    c.next = w
    h.next = tanh(affine(x, h)) + c


class NoBias(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(linear(x, h))


class NoParameters(Cell):
    x, h = Input(k), State(k)
    h.next = 0.5 * h + 0.5 * x


class NoParametersMatrix(Cell):
    x, M = Input(d), State(d, d)
    M.next = 0.9 * M + 0.1 * outer(x, x)


class FastWeights(Cell):
    x, M = Input(n), State(d, d)
    Q, K, V = Weight(d, n), Weight(d, n), Weight(d, n)
    M.next = 0.9 * M + outer(V @ x, K @ x)
    y = Output(M.next @ (Q @ x))


class MatrixLSTM(Cell):
    x, C, N = Input(n), State(d, d), State(d)
    q, key, value = affine(x), affine(x), affine(x)
    w_i, w_f, b_i, b_f = Weight(n), Weight(n), Bias(()), Bias(())
    i, f = exp(0.1 * dot(w_i, x) + b_i), sigmoid(dot(w_f, x) + b_f)
    C.next = f * C + i * outer(value, key)
    N.next = f * N + i * key
    y = Output((C.next @ q) / maximum(abs(dot(N.next, q)), 1.0))


class MatrixProducts(Cell):
    x, M = Input(d), State(d, d)
    W = Weight(d, d)
    M.next = tanh(0.1 * (M @ W @ M) + W.T @ M + M.T + 0.1 * outer(x, x))


class MatrixInput(Cell):
    X, h = Input(d, n), State(d)
    w = Weight(n)
    h.next = tanh(X @ w + 0.3 * (X @ (X.T @ h)))


class Antisymmetric(Cell):
    x, h = Input(n), State(k)
    W, U = Weight(k, k), Weight(k, n)
    h.next = h + 0.1 * tanh((W - W.T) @ h + U @ x)


class Transposed(Cell):
    x, h = Input(n), State(k)
    W = Weight(k, n)
    h.next = tanh(W @ x + W @ (W.T @ h))


class Tied(Cell):
    x, h = Input(k), State(k)
    W = Weight(k, k)
    h.next = tanh(W @ x + W @ h)


class LowRank(Cell):
    x, h = Input(n), State(k)
    A, B, U = Weight(k, p), Weight(p, k), Weight(k, n)
    h.next = tanh((A @ B) @ h + U @ x)


class ParametersOnly(Cell):
    x, h = Input(n), State(k)
    A, u, w = Weight(k, k), Weight(k), Weight(k)
    h.next = tanh(A @ w + A @ h + dot(u, w) * h + outer(u, w) @ h + sum(A) * h + affine(x))


class OuterOfBoth(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    h.next = tanh(outer(h, w) @ h + outer(w, h) @ w + affine(x))


class ConcatWithWeight(Cell):
    x, h = Input(n), State(k)
    w, W = Weight(m), Weight(k, n + m + k + 1)
    h.next = tanh(W @ concat(x, w, h, ones(1)))


class Hoisted(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    decay = exp(-exp(w))
    h.next = decay * h + (1 - decay) * linear(x)


class Split(Cell):
    x, h = Input(n), State(k)
    W, b = Weight(2 * k, n + k), Bias(2 * k)
    u, v = split(W @ concat(x, h) + b, k, k)
    z = sigmoid(u)
    h.next = z * h + (1 - z) * tanh(v)


class SplitState(Cell):
    x, h = Input(n), State(k + m)
    u, v = split(h, k, m)
    h.next = concat(tanh(affine(x, u, name="q")), v + 0.1 * affine(x, v, name="r"))


class SplitInput(Cell):
    x, h = Input(n + m), State(k)
    u, v = split(x, n, m)
    h.next = tanh(affine(u, h)) * sigmoid(affine(v))


class Chosen(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = where(u < h, tanh(u), 0.5 * h) + where(u <= 0, 0.0, 1.0) * u


class Extremes(Cell):
    x, h = Input(n), State(k)
    u, v = affine(x, h), affine(x, h)
    h.next = maximum(tanh(u), 0.1 * v) - minimum(h, u) + maximum(u, 0) + minimum(0.3, v)


class Normalised(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    e = exp(u)
    h.next = u / sqrt(sum(u * u) + 1) + e / sum(e)


class Activations(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = log_sigmoid(u) + 0.1 * softplus(u) + softsign(u) + hard_sigmoid(u) + relu(u) + cos(u) + log(1 + exp(u))


class Powers(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = 0.1 * u**3 - 0.2 * h**2 + (1 + u**2) ** 0.5 + 2 ** tanh(h) - (-2) * tanh(u) ** 2 - 1e-3 + abs(u)


class Signs(Cell):
    x, h = Input(n), State(k)
    h.next = -tanh(-affine(x, -h)) - (-h) / (1 + exp(affine(x, bias=False)))


class Swish(Cell):
    x, h = Input(n), State(k)
    swish = elementwise(lambda u: u * sigmoid(u))(affine(x, h))
    both = elementwise(lambda u, v: u * v / (1 + u**2 + v**2))(swish, h)
    h.next = tanh(swish) + both


class SameInputTwice(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, x, h, h)) + tanh(affine(x, h))


class ScalarAndVector(Cell):
    x, h, s = Input(n), State(k), State(())
    w = Weight(k)
    s.next = dot(w, h) / (1 + s * s) - 0.1 * sum(x)
    h.next = h * s.next + affine(x) / (2 + s * s)


class LaterFirst(Cell):
    x, h, c = Input(n), State(k), State(k)
    h.next = tanh(affine(x, c.next))
    c.next = sigmoid(affine(x, c)) * h


class FixedSizes(Cell):
    x, h = Input(3), State(4)
    h.next = tanh(affine(x, h))


class PartlyFixed(Cell):
    x, h = Input(n), State(4)
    h.next = tanh(affine(x, h))


class Multiples(Cell):
    x, h = Input(2 * n), State(4 * k)
    h.next = tanh(affine(x, h))


class Ladder(UGRNN):
    c = tanh(affine(UGRNN.x, UGRNN.g * UGRNN.h))


class LocalNames(Cell):
    x, v = Input(n), State(k)
    first, results, last, module, like, spec, name, zeros_ = (Weight(k) for _ in range(8))
    v.next = tanh(affine(x, v) + first * results * last * module + like * spec + name * zeros_)
"""
NAMES = [node.name for node in ast.parse(USERS).body if isinstance(node, ast.ClassDef)]
SIZES = (2, 3, 5, 7)  # of the dimension symbols, in declared order: distinct primes
TIME, BATCH = 4, 3

# Runs where lstmspec is not imported: a model must not need it. Prints {cell: {check: what is wrong}}.
VERIFY = """
import importlib, inspect, json, pickle, sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def differ(actual, expected):
    for name, value in expected.items():
        got = np.asarray(actual[name])
        if got.shape != value.shape:
            return f"{name} has shape {got.shape}, not {value.shape}"
        error = np.max(np.abs(got - value) / (1 + np.abs(value)), initial=0)
        if not error <= 1e-12:
            return f"{name} differs by {error:.3g}"
    return ""


class Model:
    def __init__(self, name, case):
        self.case = case
        self.nm = importlib.import_module(f"models.{case['folder']}.numpy")
        self.tm = importlib.import_module(f"models.{case['folder']}.torch")
        self.cls = getattr(self.tm, name)
        self.states = list(case["states"])

    def sizes_of(self, function):
        known = inspect.signature(function).parameters
        return {dim: size for dim, size in self.case["sizes"].items() if dim in known}

    def packed(self, dtype=np.float64):
        spec = {name: value.astype(dtype) for name, value in self.case["parameters"].items()}
        return self.nm.Params.from_spec(spec, **self.sizes_of(self.nm.Params.from_spec))

    def numpy(self):
        nm, case = self.nm, self.case
        params = self.packed()
        wrong = differ(params.to_spec(), case["parameters"])
        self.ys, last, self.tape = nm.forward(params, *case["inputs"].values(), nm.State(**case["states"]))
        self.params, self.last = params, vars(last)
        expected = {"output": case["ys"], **case["finals"]}
        return wrong or differ({"output": self.ys, **self.last}, expected)

    def module(self):
        spec = {name: torch.tensor(value) for name, value in self.case["parameters"].items()}
        return self.cls.from_spec(spec, **self.sizes_of(self.cls.from_spec))

    def call(self, module):
        xs = {name: torch.tensor(value, requires_grad=True) for name, value in self.case["inputs"].items()}
        first = {name: torch.tensor(value, requires_grad=True) for name, value in self.case["states"].items()}
        state = tuple(value[None] for value in first.values())
        ys, last = module(*xs.values(), state if len(state) > 1 else state[0])
        last = last if len(state) > 1 else (last,)
        return xs | first, {"output": ys} | {name: v[0] for name, v in zip(self.states, last, strict=True)}

    def torch(self):
        module = self.module()
        results = {name: value.detach() for name, value in self.call(module)[1].items()}
        return differ(module.to_spec(), self.case["parameters"]) or differ(results, {"output": self.ys, **self.last})

    def gradients(self):
        module, d = self.module(), self.case["d"]
        leaves, results = self.call(module)
        sum((results[name] * torch.tensor(value)).sum() for name, value in d.items()).backward()
        finals = self.nm.State(*(d[name] for name in self.states))
        d_params, *d_xs, d_state = self.nm.backward(self.params, self.tape, d["output"], finals)
        theirs = {name: np.zeros(v.shape) if v.grad is None else v.grad.numpy() for name, v in leaves.items()}
        theirs |= {name: v.numpy() for name, v in module.to_spec(grad=True).items()} if self.case["parameters"] else {}
        ours = dict(zip(self.case["inputs"], d_xs, strict=True)) | vars(d_state) | d_params.to_spec()
        return differ(ours, theirs) or differ(theirs, ours)

    def flat(self):
        module, two = self.module(), slice(0, 2)
        tensors = [*module.parameters(), *(torch.tensor(v[two, two]) for v in self.case["inputs"].values())]
        tensors += [torch.tensor(value[None, two]) for value in self.case["states"].values()]
        count = len(list(module.parameters()))
        constants = self.case["constants"].values()
        function = lambda *args: self.tm.sequence(*args[:count], *constants, *args[count:])
        return function, [value.detach().clone().requires_grad_() for value in tensors]

    def gradcheck(self):
        return "" if torch.autograd.gradcheck(*self.flat()) else "gradcheck"

    def gradgradcheck(self):
        return "" if torch.autograd.gradgradcheck(*self.flat(), fast_mode=True) else "gradgradcheck"

    def usable(self):
        case, nm, sizes = self.case, self.nm, self.sizes_of(self.cls)
        module = self.cls(**sizes, dtype=torch.float32)
        ys, _ = module(*(torch.tensor(value, dtype=torch.float32) for value in case["inputs"].values()))
        params = nm.init(np.random.default_rng(0), **self.sizes_of(nm.init))
        state = nm.zeros(batch=case["batch"], **self.sizes_of(nm.zeros))
        outputs, last, _ = nm.forward(params, *case["inputs"].values(), state)
        for x in zip(*case["inputs"].values(), strict=True):
            one = nm.step(params, *x, state)
            state = one[1] if isinstance(one, tuple) else one
        again = self.cls(**sizes)
        again.load_state_dict(self.cls(**sizes).state_dict())
        inputs = (value.astype(np.float32) for value in case["inputs"].values())
        first = nm.State(**{name: value.astype(np.float32) for name, value in case["states"].items()})
        small, _, _ = nm.forward(self.packed(np.float32), *inputs, first)
        if (ys.dtype, small.dtype) != (torch.float32, np.float32):
            return f"float32 became {ys.dtype} and {small.dtype}"
        return differ(vars(state), vars(last))


def verdict(check):
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


found = {}
with open(sys.argv[1], "rb") as stream:
    cases = pickle.load(stream)
for name, case in cases.items():
    try:
        model = Model(name, case)
    except Exception as error:
        found[name] = {check: f"{type(error).__name__}: {error}" for check in sys.argv[2:]}
    else:
        found[name] = {check: verdict(getattr(model, check)) for check in sys.argv[2:]}
assert "lstmspec" not in sys.modules, "a model needs lstmspec"
print(json.dumps(found))
"""
CHECKS = ("numpy", "torch", "gradients", "gradcheck", "gradgradcheck", "usable")


def case_of(cell):
    """Random data for a cell, and what the interpreter of its equations makes of them."""
    system, shapes = cell.system, cell.shapes.require()
    sizes = dict(zip(shapes.dims, SIZES, strict=False))
    rng = np.random.default_rng(len(cell.__name__))

    def draw(names, *lead):
        shape = {name: (*lead, *(size.at(sizes) for size in shapes.of[name])) for name in names}
        return {name: np.asarray(rng.normal(0.05, 0.4, shape[name])) for name in names}

    at = draw(system.parameters), draw(system.inputs, TIME, BATCH), draw(system.states, BATCH)
    ys, finals = oracle.sequence(system, *at, sizes)
    return {
        "folder": folder(cell.__name__),
        "sizes": sizes,
        "batch": BATCH,
        "constants": {name: symbol.value for name, symbol in system.symbols.items() if symbol.role is Role.CONSTANT},
        **dict(zip(("parameters", "inputs", "states"), at, strict=True)),
        "ys": ys,
        "finals": finals,
        "d": {"output": rng.normal(size=ys.shape)} | {name: rng.normal(size=v.shape) for name, v in finals.items()},
    }


def verified(place, source):
    """{cell: {check: what is wrong}} of the cells in a user's file."""
    (place / "cells.py").write_text(source)
    done = invoke(place / "cells.py", "--out", place / "models")
    assert done.exit_code == 0, done.output
    cases = {cell.__name__: case_of(cell) for cell in load([str(place / "cells.py")])}
    (place / "cases.pickle").write_bytes(pickle.dumps(cases))
    (place / "verify.py").write_text(VERIFY)
    command = [sys.executable, "-W", "error", "verify.py", "cases.pickle", *CHECKS]
    child = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory):
    return verified(tmp_path_factory.mktemp("users"), USERS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", CHECKS)
def test_a_users_cell_works_the_first_time(check, name, verdicts):
    assert verdicts[name][check] == ""


def test_the_checks_of_users_cells_can_fail(tmp_path):
    found = verified(tmp_path, MINE)
    assert found == {"Mine": dict.fromkeys(CHECKS, "")}
    for kind, line in (("numpy", "h_next = z * h + "), ("torch", "h_next = z * h + ")):
        path = tmp_path / "models" / "mine" / f"{kind}.py"
        assert line in path.read_text()
        path.write_text(path.read_text().replace(line, "h_next = z * h - "))
    command = [sys.executable, "-W", "error", "verify.py", "cases.pickle", *CHECKS]
    child = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    wrong = {check: text != "" for check, text in json.loads(child.stdout)["Mine"].items()}
    assert wrong == {check: check in ("numpy", "gradcheck", "gradgradcheck") for check in CHECKS}
