"""Layouts against the implementations that they are of: its outputs from its arrays are ours from `to_spec` of them.

torch.nn and ONNX Runtime are run; of Keras and Flax, `data/layouts` has what they computed (versions in record.py);
TensorFlow 1, which today's Pythons cannot run, is written down here from tensorflow/python/ops/rnn_cell_impl.py.
"""

import dataclasses
import functools
import pathlib

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from converting import BATCH, TABLES, TIME, drawn, generated, known, sizes_of
from helpers import CELLS
from onnx import TensorProto, helper

from lstmspec import LayoutError, layout
from lstmspec.convert import tables
from lstmspec.convert._tables import layout_of

RECORDED = {path.stem: path for path in sorted((pathlib.Path(__file__).parent / "data" / "layouts").glob("*.npz"))}

# -- torch.nn ----------------------------------------------------------------------------------------------------------

TORCH = {
    "LSTM": lambda at: torch.nn.LSTM(at["n"], at["k"]),
    "LSTMP": lambda at: torch.nn.LSTM(at["n"], at["k"], proj_size=at["p"]),
    "GRU": lambda at: torch.nn.GRU(at["n"], at["k"]),
    "Elman": lambda at: torch.nn.RNN(at["n"], at["k"]),
    "ElmanRelu": lambda at: torch.nn.RNN(at["n"], at["k"], nonlinearity="relu"),
}


def run_torch(cell, arrays, x):
    module = TORCH[cell](sizes_of(cell)).double()
    module.load_state_dict({name: torch.tensor(value) for name, value in arrays.items()})
    return module(torch.tensor(x))[0].detach().numpy()


def test_layers_and_directions_of_torch_differ_by_a_suffix():
    module = torch.nn.GRU(3, 5, num_layers=2, bidirectional=True, dtype=torch.float64)
    x = drawn({"x": CELLS["GRU"].shapes["x"]}, {"n": 3})["x"] * np.ones((TIME, BATCH, 1))
    ys = x
    for layer in range(2):
        halves = []
        for suffix, order in ((f"_l{layer}", slice(None)), (f"_l{layer}_reverse", slice(None, None, -1))):
            made = layout(CELLS["GRU"], "pytorch", suffix=suffix)
            spec = made.to_spec({name: value for name, value in module.state_dict().items() if name in made.shapes})
            halves.append(generated("GRU", spec, ys[order])[order])
        ys = np.concatenate(halves, axis=2)
    np.testing.assert_allclose(ys, module(torch.tensor(x))[0].detach().numpy(), atol=1e-12)


def test_a_cell_of_torch_has_no_suffix():
    spec = layout(CELLS["LSTM"], "pytorch", suffix="").to_spec(torch.nn.LSTMCell(3, 5).state_dict())
    assert spec["W_f"].dtype == np.float32


def test_the_documented_example_converts():
    page = pathlib.Path(__file__).parent.parent / "docs" / "models.md"
    section = page.read_text(encoding="utf-8").split("## Weights from elsewhere\n")[1]
    names: dict[str, object] = {}
    exec(section.split("```python\n")[1].split("```")[0], names)
    x = torch.randn(TIME, BATCH, 3)
    torch.testing.assert_close(names["ours"](x)[0], names["theirs"](x)[0])
    assert {name: value.shape for name, value in names["arrays"].items()} == {
        "kernel": (3, 20),
        "recurrent_kernel": (5, 20),
        "bias": (20,),
    }


# -- ONNX Runtime ------------------------------------------------------------------------------------------------------

ONNX = {
    "LSTM": ("LSTM", {}),
    "Peephole": ("LSTM", {}),
    "CIFG": ("LSTM", {"input_forget": 1}),
    "GRU": ("GRU", {"linear_before_reset": 1}),
    "GRUResetBefore": ("GRU", {}),
    "Elman": ("RNN", {}),
    "ElmanRelu": ("RNN", {"activations": ["Relu"]}),
}


def run_onnx(cell, arrays, x):
    kind, attributes = ONNX[cell]
    k = sizes_of(cell)["k"]
    given = {name: value.astype(np.float32) for name, value in {"X": x, **arrays}.items()}
    names = ["X", "W", "R", "B"] + (["", "", "", "P"] if "P" in arrays else [])  # between: lengths and first states
    node = helper.make_node(kind, names, ["Y"], hidden_size=k, **attributes)
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in given.items()]
    result = helper.make_tensor_value_info("Y", TensorProto.FLOAT, (TIME, 1, BATCH, k))
    graph = helper.make_graph([node], "cell", inputs, [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["Y"], given)[0][:, 0]


# -- TensorFlow 1 ------------------------------------------------------------------------------------------------------


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_cell(w, x, h, c):
    """LSTMCell.call: i, j, f, o of one product, forget_bias=1.0, peepholes and a projection where there are any."""
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"], 4, axis=1)
    look = {gate: w.get(f"w_{gate}_diag", 0.0) for gate in "ifo"}
    c = sigmoid(f + 1.0 + look["f"] * c) * c + sigmoid(i + look["i"] * c) * np.tanh(j)
    m = sigmoid(o + look["o"] * c) * np.tanh(c)
    return (m @ w["projection/kernel"] if "projection/kernel" in w else m), c


def gru_cell(w, x, h):
    """GRUCell.call: r, u of one product, the candidate of another that sees r * h."""
    r, u = np.split(sigmoid(np.concatenate([x, h], 1) @ w["gates/kernel"] + w["gates/bias"]), 2, axis=1)
    c = np.tanh(np.concatenate([x, r * h], 1) @ w["candidate/kernel"] + w["candidate/bias"])
    return (u * h + (1 - u) * c,)


def basic_rnn_cell(w, x, h):
    """BasicRNNCell.call."""
    return (np.tanh(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"]),)


TF1 = {
    "LSTM": lstm_cell,
    "Peephole": lstm_cell,
    "LSTMP": lstm_cell,
    "GRUResetBefore": gru_cell,
    "Elman": basic_rnn_cell,
}


def run_tf1(cell, arrays, x):
    shapes, sizes = CELLS[cell].shapes, sizes_of(cell)
    states = tuple(np.zeros((BATCH, shapes[name][0].at(sizes))) for name in CELLS[cell].system.states)
    ys = []
    for now in x:
        states = TF1[cell](arrays, now, *states)
        ys.append(states[0])
    return np.stack(ys)


# -- what is compared --------------------------------------------------------------------------------------------------

RUN = {"pytorch": (run_torch, 1e-12), "onnx": (run_onnx, 1e-5), "tf1": (run_tf1, 1e-12)}
of_running = pytest.mark.parametrize(("cell", "name"), [pair for pair in TABLES if pair[1] in RUN])
of_recorded = pytest.mark.parametrize("stem", RECORDED)


def example(cell, name):
    """Arrays of the other implementation, an input, and what it makes of them."""
    arrays = drawn(known(cell, name).shapes, sizes_of(cell), seed=2)
    x = np.random.default_rng(3).normal(0.1, 0.8, (TIME, BATCH, sizes_of(cell)["n"]))
    return arrays, x, RUN[name][0](cell, arrays, x), RUN[name][1]


@functools.cache
def recorded(stem):
    with np.load(RECORDED[stem]) as data:
        arrays = {key.removeprefix("weight:"): data[key] for key in data if key.startswith("weight:")}
        return arrays, data["x"], data["y"], 1e-5


def differs(made, arrays, x, y, tolerance):
    """Whether a layout is wrong: it refuses the arrays, or what comes of them is not what the other code computed."""
    try:
        ours = generated(made.system.name, made.to_spec(arrays), x)
    except LayoutError:
        return True
    return not np.allclose(ours, y, rtol=tolerance, atol=tolerance)


def test_every_table_is_compared_with_something():
    assert {pair for pair in TABLES if pair[1] not in RUN} == {tuple(stem.split(".")[:2]) for stem in RECORDED}


@of_running
def test_outputs_are_those_of_the_other_implementation(cell, name):
    arrays, x, y, tolerance = example(cell, name)
    assert not differs(known(cell, name), arrays, x, y, tolerance)


@of_running
def test_what_is_written_computes_the_same(cell, name):
    arrays, x, y, tolerance = example(cell, name)
    written = known(cell, name).from_spec(known(cell, name).to_spec(arrays))
    np.testing.assert_allclose(RUN[name][0](cell, written, x), y, rtol=tolerance, atol=tolerance)


@of_recorded
def test_outputs_are_those_recorded(stem):
    cell, name, _ = stem.split(".")
    assert not differs(known(cell, name), *recorded(stem))


# -- planted faults ----------------------------------------------------------------------------------------------------


def faults(table):
    """The table with one fault: neighbours swapped, one place forgotten, a matrix turned, offsets gone."""
    for at, array in enumerate(table.arrays):
        wrong = []
        rows = array.rows
        if len(rows) > 1:
            wrong += [dataclasses.replace(array, rows=(rows[1], rows[0], *rows[2:]))] if rows[0] != rows[1] else []
            wrong += [dataclasses.replace(array, rows=(*rows[:-1], None))] if rows[-1] else []
        if any(row and row.parameter.startswith("W") for row in rows):
            wrong += [dataclasses.replace(array, transposed=not array.transposed)]
        for fault in wrong:
            yield dataclasses.replace(table, arrays=(*table.arrays[:at], fault, *table.arrays[at + 1 :]))
    if table.offsets:
        yield dataclasses.replace(table, offsets={})


def survivors(cell, name, case):
    made = []
    for table in faults(tables()[cell][name]):
        try:
            wrong = layout_of(CELLS[cell].system, table)
        except LayoutError:
            continue
        made += [] if differs(wrong, *case) else [table]
    return made


@of_running
def test_a_fault_in_a_table_is_seen(cell, name):
    assert survivors(cell, name, example(cell, name)) == []


@of_recorded
def test_a_fault_in_a_table_is_seen_by_what_was_recorded(stem):
    cell, name, _ = stem.split(".")
    assert survivors(cell, name, recorded(stem)) == []
