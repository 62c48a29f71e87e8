"""The generated folder: same bytes, atomic writes, refusals, and cells that users write themselves."""

import ast
import json
import os
import py_compile
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import sampled
from ruff import find_ruff_bin

from lstmspec import Cell, CellMeta, Code, Input, SpecError, State, Weight, affine, dims, sigmoid, tanh
from lstmspec.cli import main
from lstmspec.emit import generate
from lstmspec.emit._header import Header, headed, header_of

ROOT = Path(__file__).resolve().parent.parent
SOME = list(sampled(8))  # names of built-in cells
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


@pytest.fixture(scope="session")
def some(tmp_path_factory):
    """Some built-in cells, generated once by the script."""
    out = tmp_path_factory.mktemp("some") / "generated"
    done = run(SCRIPT, *SOME, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def test_the_second_run_writes_nothing(some):
    before = stamps_of(some)
    done = run(SCRIPT, *SOME, "--out", some)
    assert done.returncode == 0, done.stderr
    assert "0 written" in done.stdout
    assert stamps_of(some) == before


def test_a_fresh_folder_has_the_committed_bytes(fresh):
    assert bytes_of(fresh) == bytes_of(ROOT / "generated")


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


def test_check_is_clean_on_a_fresh_folder(some):
    before = stamps_of(some)
    done = run(SCRIPT, *SOME, "--check", "--out", some)
    assert done.returncode == 0, done.stdout
    assert "@@" not in done.stdout
    assert stamps_of(some) == before


def test_check_is_clean_on_the_committed_folder():
    done = invoke(*SOME, "--check", "--out", ROOT / "generated")
    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize("name", ["__init__.py", "_checks.py", "mine/__init__.py", "mine/numpy.py", "mine/torch.py"])
def test_check_finds_one_changed_character(name, mine):
    spec, out = mine
    text = (out / name).read_text()
    (out / name).write_text(text.replace("e", "E", 1))
    check_finds([spec], out, f"--- models/{name}", f"+++ models/{name}")
    assert invoke(spec, "--out", out).exit_code == 1  # edited by hand: see test_generate_safety.py
    assert invoke(spec, "--out", out, "--force").exit_code == 0
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
        (out / name).write_text(headed("# of an older version\n"))
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
        assert lines[0].startswith("# Generated by lstmspec"), name
        assert "Do not edit" in lines[0], name
        words = lines[1].split()
        assert words[-2] == "body", name
        assert len(words[-1]) == 16 and int(words[-1], 16) >= 0, name
        assert header_of((fresh / name).read_text()) == Header(words[2] if len(words) == 5 else "", intact=True), name
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
