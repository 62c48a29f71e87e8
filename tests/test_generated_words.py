"""The words of a specification never become code: docstrings stay text, and names are plain identifiers."""

import ast
import itertools
import json
import subprocess
import sys

import pytest
from writing import MINE
from writing import generate as command

from lstmspec import Cell, CellMeta, Code, Input, SpecError, State, Weight, affine, dims, sigmoid, tanh
from lstmspec.emit import BACKENDS, generate
from lstmspec.emit._python import escaped

n, k = dims("n k")

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
    "control characters": "bell \a, escape \x1b[31m, carriage\rreturn, null \0, next\x85line, separator\u2028line",
    "direction": "right to left \u202e and \u2066 isolated",
    "quotes at both ends": '"quoted" words, and "more"',
    "backslash and quote": 'ends with \\"',
    "three at the end": 'ends with """',
    "first line quoted": 'says "so"\n\nand more',
    "unicode": "ünïcode ∂L/∂h ⊙ 時間 🙂",
    "long": ("word " * 60).strip(),
    "empty": "",
}


KINDS = [backend.name for backend in BACKENDS]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A spec file with a cell for each docstring, its models imported in a folder that must stay as it is."""
    place = tmp_path_factory.mktemp("hostile")
    source = MINE.partition("class Mine")[0]
    for index, doc in enumerate(HOSTILE.values()):
        body = "    x, h = Input(k), State(k)\n    h.next = 0.5 * h + x\n"
        source += f"\n\nclass Hostile{index}(Cell):\n    __doc__ = {doc!r}\n{body}"
    (place / "cells.py").write_text(source, encoding="utf-8")
    done = command(place / "cells.py", "--out", place / "models")
    assert done.exit_code == 0, done.output
    names = [f"models.hostile{index}.{kind}" for index in range(len(HOSTILE)) for kind in KINDS]
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
    return place, dict(zip(HOSTILE, zip(*[iter(docs)] * len(KINDS), strict=True), strict=True))


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
    for kind in KINDS:
        trees = [ast.parse((place / "models" / f"hostile{i}" / f"{kind}.py").read_text()) for i in (at, len(docs) - 1)]
        shapes = [[type(node).__name__ for node in ast.walk(tree)] for tree in trees]
        assert shapes[0] == shapes[1]


@pytest.mark.parametrize("head", ["", "x", "x\n"])
def test_any_text_in_a_docstring_is_that_text(head):
    """All texts of up to five characters of those that mean something there."""
    for length in range(6):
        for letters in itertools.product('"\\a\n\0\r', repeat=length):
            text = head + "".join(letters)
            (statement,) = ast.parse(f'"""{escaped(text)}"""').body
            assert statement.value.value == text


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
