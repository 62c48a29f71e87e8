"""The file of layouts says of which equations they are, and a cell of another's with the same name is told apart."""

import dataclasses
import json

import pytest
from helpers import CELLS

from lstmspec import Cell, Input, LayoutError, State, Weight, affine, dims, layout, layouts, linear, sigmoid, tanh
from lstmspec.convert import tables
from lstmspec.convert._same_cell import ROLES, KnownCell, difference, known_cell, read_cells
from lstmspec.convert._tables import cells

n, k = dims("n k")


def as_written(cell):
    """The table of a cell in the file's own form: what to paste there."""
    own = known_cell(cell.system)
    roles = [[name for name, role in own.roles.items() if role == wanted] for wanted in ROLES]
    lines = [f"{role} = {json.dumps(names)}" for role, names in zip(ROLES, roles, strict=True) if names]
    equations = "".join(f"{name} = {expression}\n" for name, expression in own.equations.items())
    return "\n".join([f"[{cell.__name__}.cell]", *lines, f'equations = """\n{equations}"""\n'])


@pytest.mark.parametrize("name", tables())
def test_the_file_says_the_cell_of_the_zoo(name):
    assert cells()[name] == known_cell(CELLS[name].system), f"layouts.toml needs\n{as_written(CELLS[name])}"


def test_a_table_as_it_is_to_be_written_is_read_as_that_cell():
    for cell in CELLS.values():
        assert read_cells(as_written(cell), "t.toml") == {cell.__name__: known_cell(cell.system)}


def test_every_cell_with_layouts_is_said_and_none_else():
    assert list(cells()) == list(tables())
    assert all(tables().values())


class Other(Cell):
    x, h, c = Input(n), State(k), State(k)
    f = sigmoid(affine(x, h))
    i = sigmoid(affine(x, h))
    g = tanh(affine(x, h))
    o = sigmoid(affine(x, h))
    c.next = f * c + i * g
    h.next = o * tanh(c.next)


class OtherGate(Other):
    f = 1 - Other.i


class OtherRole(Other):
    b_f = Weight(k)
    f = sigmoid(linear(Other.x, Other.h) + b_f)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Other, None),
        (OtherGate, "it has no name `W_f`"),
        (OtherRole, "`b_f` differs: it is `weight`, and `bias` in the built-in one"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_cell_of_the_same_name_is_told_how_it_differs(cell, words):
    named = dataclasses.replace(cell.system, name="LSTM")
    if words is None:
        assert layouts(named) == tuple(tables()["LSTM"])
        return
    with pytest.raises(LayoutError) as caught:
        layout(named, "keras")
    assert f"whose layouts are known: {words}; make a Layout of it" in str(caught.value)
    assert layouts(named) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"f": None}, "it has no equation `f`"),
        ({"z": "f"}, "the built-in one has no equation `z`"),
        (
            {"h.next": "o * c.next"},
            "`h.next` differs: it is `o * c.next`, and `o * tanh(c.next)` in the built-in one",
        ),
    ],
)
def test_a_planted_difference_of_an_equation_is_seen(change, words):
    known = cells()["LSTM"]
    equations = {name: text for name, text in {**known.equations, **change}.items() if text is not None}
    assert difference(KnownCell(known.roles, equations), known) == words


KNOWN = '[LSTM.cell]\ninput = ["x"]\nequations = """\nh.next = x\n"""\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[LSTM.mine]\n", "t.toml: [LSTM.cell] is None; expected a table of roles and equations"),
        (KNOWN.replace("input", "inputs"), "t.toml: [LSTM.cell] inputs is ['x']; expected one of the keys input, "),
        (KNOWN.replace('["x"]', '"x"'), "t.toml: [LSTM.cell] input is 'x'; expected names"),
        (KNOWN.replace(" = x", ": x"), "t.toml: [LSTM.cell] equations is 'h.next: x'; expected lines `NAME = EXPR"),
        (KNOWN.replace("h.next = x", ""), "t.toml: [LSTM.cell] equations is '\\n'; expected lines"),
    ],
)
def test_a_table_of_a_cell_that_is_not_as_it_should_be_is_refused(text, message):
    with pytest.raises(LayoutError) as caught:
        read_cells(text, "t.toml")
    assert str(caught.value).startswith(message)
