"""What is refused when a layout is made, and when a table of layouts is read; and `lstmspec convert`."""

import json
import os

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from converting import TABLES, parameters, sizes_of
from helpers import CELLS

from lstmspec import Layout, LayoutError, layout
from lstmspec.cli import main
from lstmspec.convert import Array, Part, tables
from lstmspec.convert._read import read
from lstmspec.convert._tables import layout_of

LSTM = CELLS["LSTM"].system
W_X, W_H, B = Part("W_i", 0), Part("W_i", 1), Part("b_i")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([Array("W", ((Part("W_q"),),))], "LSTM: array `W`: the cell has no parameter `W_q`; it has W_f, b_f, "),
        ([Array("W", ((Part("W_i", 2),),))], "LSTM: array `W`: `W_i` has no operand 2; it has 0: x, 1: h"),
        ([Array("b", ((Part("b_i", 0),),))], "LSTM: array `b`: `b_i` has no operand 0; it has no operands of its own"),
        ([Array("W", ((W_X,), (W_H,)))], "LSTM: array `W`: parts in column 0 of its grid have sizes n and k; "),
        ([Array("W", ((W_X, W_H), (W_X,)))], "LSTM: array `W` has rows of [2, 1] parts; expected equally many"),
        ([Array("W", ())], "LSTM: array `W` has rows of [] parts; expected equally many"),
        ([Array("W", ((None,),))], "LSTM: array `W`: nothing says the size of row 0 of its grid, which has no part"),
        ([Array("b", ((B,),), lead=(3,))], "LSTM: array `b`: its shape (k) cannot be split into (3,) parts"),
        ([Array("b", ((B,),)), Array("b", ((B,),))], "LSTM: two arrays are called `b`; each needs a name of its own"),
        (
            [Array("W", ((W_X,),)), Array("b", ((B,),))],
            "LSTM: no array has `W_f`, `b_f`, `W_i` for `h`, `W_g`, `b_g`, `W_o`, `b_o`; expected every part of",
        ),
    ],
)
def test_a_layout_that_does_not_fit_the_cell_is_refused(arrays, message):
    with pytest.raises(LayoutError) as caught:
        Layout(LSTM, tuple(arrays))
    assert str(caught.value).startswith(message)


def test_an_offset_of_nothing_is_refused():
    with pytest.raises(LayoutError, match=r"LSTM.keras: offsets of \['b'\]; the cell has W_f, b_f"):
        made = layout(CELLS["LSTM"], "keras")
        Layout(LSTM, made.arrays, {"b": 1.0}, made.name)


# -- the file of tables ------------------------------------------------------------------------------------------------

GOOD = '[LSTM.mine]\nsource = "me"\nb = { rows = ["b_i"] }\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[LSTM", "t.toml is no TOML: "),
        ("LSTM = 1", "t.toml: LSTM is 1; expected tables [CELL.NAME]"),
        ("LSTM.mine = 1", "t.toml: [LSTM.mine] is 1; expected a table"),
        (
            GOOD.replace('source = "me"', ""),
            "t.toml: [LSTM.mine] source is None; expected text that says what it is of",
        ),
        ('[LSTM.mine]\nsource = "me"', "t.toml: [LSTM.mine] is {}; expected an array"),
        (GOOD + "suffix = 1", "t.toml: [LSTM.mine] suffix is 1; expected text"),
        (GOOD + "offsets = { b_f = 1 }", "t.toml: [LSTM.mine] offsets is {'b_f': 1}; expected { PARAMETER = NUMBER }"),
        (GOOD + "c = 3", "t.toml: [LSTM.mine] c is 3; expected a table { rows = "),
        (
            GOOD.replace("rows", "row"),
            "t.toml: [LSTM.mine] b row is ['b_i']; expected one of the keys rows, columns, transposed, lead; "
            "did you mean `rows`?",
        ),
        (GOOD.replace('["b_i"]', "[]"), "t.toml: [LSTM.mine] b rows is []; expected names of parameters"),
        (GOOD.replace('"b_i"', '"b_i[x"'), 't.toml: [LSTM.mine] b: \'b_i[x\' is no part; expected "W_f", "W_f[x]" or'),
        (GOOD.replace("]}", "], lead = [0]}").replace("] }", "], lead = [0] }"), "t.toml: [LSTM.mine] b lead is [0]; "),
        (GOOD.replace("] }", '], transposed = "no" }'), "t.toml: [LSTM.mine] b transposed is 'no'; expected true or"),
        (GOOD.replace("] }", '], columns = "x" }'), "t.toml: [LSTM.mine] b columns is 'x'; expected operands"),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_refused(text, message):
    with pytest.raises(LayoutError) as caught:
        read(text, "t.toml")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('"W_i[c]"', "LSTM.mine: array `b`: `W_i` does not act on `c`; it acts on ['x', 'h']"),
        ('"b_i[x]"', "LSTM.mine: array `b`: the cell has no matrix `b_i`; it has ['W_f', 'W_i', 'W_g', 'W_o']"),
    ],
)
def test_a_table_that_does_not_fit_its_cell_is_refused(rows, message):
    with pytest.raises(LayoutError) as caught:
        layout_of(LSTM, read(GOOD.replace('"b_i"', rows), "t.toml")["LSTM"]["mine"])
    assert str(caught.value) == message


# -- the command -------------------------------------------------------------------------------------------------------


def convert(*arguments):
    done = CliRunner().invoke(main, ["convert", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def spec(tmp_path):
    np.savez(tmp_path / "spec.npz", **parameters("LSTM", sizes_of("LSTM")))
    return tmp_path / "spec.npz"


def test_the_command_converts_from_one_to_another(spec):
    keras, torch, back = (spec.with_name(f"{name}.npz") for name in ("keras", "torch", "back"))
    done = convert("LSTM", "spec", "keras", spec, keras)
    assert done.stdout == f"{keras}: 3 arrays: kernel (3, 20), recurrent_kernel (5, 20), bias (20,)\n"
    assert convert("LSTM", "keras", "pytorch:_l1", keras, torch).exit_code == 0
    assert convert("LSTM", "pytorch:_l1", "spec", torch, back).exit_code == 0
    with np.load(torch) as of_torch, np.load(spec) as before, np.load(back) as after:
        assert list(of_torch) == ["weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"]
        assert list(after) == list(before)
        assert all((after[name] == before[name]).all() for name in before)
    assert sorted(path.name for path in spec.parent.iterdir()) == ["back.npz", "keras.npz", "spec.npz", "torch.npz"]


def test_what_does_not_fit_is_a_finding_and_leaves_the_old_file(spec):
    out = spec.with_name("out.npz")
    out.write_bytes(b"old")
    done = convert("LSTM", "keras", "onnx", spec, out)
    assert (done.exit_code, out.read_bytes()) == (1, b"old")
    assert "arrays ['kernel', 'recurrent_kernel', 'bias'] are missing" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("LSTM", "spec", "karas", "{spec}", "{out}"), "did you mean 'keras'?"),
        (("SRU", "spec", "keras", "{spec}", "{out}"), "no layouts are known of `SRU`"),
        (("LSTM", "spec", "spec", "{spec}", "{out}"), "at least one is a layout"),
        (("LSTM", "spec:_l1", "keras", "{spec}", "{out}"), "spec:_l1: the names of the equations have no suffix"),
        (("LSTM", "spec", "keras"), "expected CELL FROM TO IN.npz OUT.npz, or --list"),
        (("LSTM", "spec", "keras", "{out}", "{out}"), "cannot be read: No such file or directory"),
        (("LSTM", "spec", "keras", __file__, "{out}"), "is no .npz of plain arrays"),
        (("LSTM", "spec", "keras", "{npy}", "{out}"), "is no .npz of plain arrays"),
        (("LSTM", "spec", "keras", "{spec}", os.path.join("{out}", "x.npz")), "cannot be written: No such file"),
        (("--list", "SRU"), "no layouts are known of SRU"),
    ],
)
def test_what_cannot_be_run_says_why(spec, arguments, said):
    np.save(spec.with_name("one.npy"), np.zeros(3))
    places = {"spec": spec, "out": spec.with_name("out.npz"), "npy": spec.with_name("one.npy")}
    done = convert(*(argument.format(**places) for argument in arguments))
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


def test_the_list_has_every_layout():
    text = convert("--list").stdout
    assert [tuple(line.split(":")[0].split()) for line in text.splitlines() if line[:1].strip()] == TABLES
    assert "  kernel            W_i, W_f, W_g, W_o on x; transposed\n" in text
    assert "  adds 1 to b_f itself\n" in text
    assert "  W  W_i, W_o, 0, W_g on x; stored as (1, …)\n" in text
    assert "  recurrent_kernel  W_z[h], W_r[h], W_m[r * h]; transposed\n" in text


def test_the_list_as_json_has_the_tables():
    (only,) = json.loads(convert("--list", "CIFG", "--format", "json").stdout)
    assert [array["name"] for array in only["arrays"]] == [array.name for array in tables()["CIFG"]["onnx"].arrays]


def test_the_command_refuses_several_layers_until_one_is_named(tmp_path):
    given, out = tmp_path / "two.npz", tmp_path / "out.npz"
    np.savez(given, **{name: value.numpy() for name, value in torch.nn.LSTM(3, 5, num_layers=2).state_dict().items()})
    done = convert("LSTM", "pytorch", "keras", given, out)
    assert (done.exit_code, out.exists()) == (1, False)
    assert "arrays ['weight_ih_l1', 'weight_hh_l1', 'bias_ih_l1', 'bias_hh_l1'] are of other layers" in done.stderr
    assert "pytorch:_l1 on the command line" in done.stderr
    done = convert("LSTM", "pytorch:_l0", "keras", given, out)
    assert (done.exit_code, out.exists()) == (0, True)
    assert done.stderr == (
        f"note: {given}: left out weight_ih_l1, weight_hh_l1, bias_ih_l1, bias_hh_l1, of other layers; "
        "each is converted by itself\n"
    )
