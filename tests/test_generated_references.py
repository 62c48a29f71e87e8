"""Generated models against cells that others wrote: torch.nn, ONNX Runtime, and plain transcriptions of the papers."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from helpers import (
    BATCH,
    CELLS,
    TIME,
    Case,
    arrays_of,
    draw,
    numpy_backward,
    numpy_double_backward,
    numpy_forward,
    numpy_module,
    same,
    tensors,
    torch_backward,
    torch_forward,
    torch_module,
)
from onnx import TensorProto, helper
from torch import sigmoid, tanh

N, K = 3, 5


def _stacked(case: Case, prefix: str, gates: str, columns: slice) -> np.ndarray:
    """Blocks of the weights of some gates, below one another; biases too."""
    return np.concatenate([case.at[f"{prefix}_{gate}"][..., columns] for gate in gates])


# -- torch.nn: gates i f g o and r z n; two biases, the second zero where the cell has one -----------------------------

LIBRARY = {
    "LSTM": (torch.nn.LSTM, "ifgo"),
    "GRU": (torch.nn.GRU, "rzm"),
}


def _library(case: Case) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
    kind, gates = LIBRARY[case.cell.__name__]
    module = kind(N, K, dtype=torch.float64)
    everything = slice(None)
    if kind is torch.nn.LSTM:
        recurrent, second = _stacked(case, "W", gates, slice(N, None)), np.zeros(4 * K)
    else:
        recurrent = np.concatenate([case.at["W_r"][:, N:], case.at["W_z"][:, N:], case.at["W_u"]])
        second = np.concatenate([np.zeros(2 * K), case.at["b_u"]])
    values = {
        "weight_ih_l0": _stacked(case, "W", gates, slice(N)),
        "weight_hh_l0": recurrent,
        "bias_ih_l0": _stacked(case, "b", gates, everything),
        "bias_hh_l0": second,
    }
    module.load_state_dict(tensors(values))
    return module, tensors(case.take(("x", *case.cell.system.states)), grad=True)


def _library_results(module, leaves, states) -> dict[str, torch.Tensor]:
    first = tuple(leaves[name][None] for name in states)
    ys, last = module(leaves["x"], first if len(first) > 1 else first[0])
    lasts = last if len(first) > 1 else (last,)
    return {"output": ys} | {f"{name}.next": value[0] for name, value in zip(states, lasts, strict=True)}


def _library_gradients(case: Case) -> dict[str, np.ndarray]:
    """Under the names of the equations."""
    module, leaves = _library(case)
    results = _library_results(module, leaves, case.cell.system.states)
    sum((results[name] * torch.tensor(d)).sum() for name, d in case.d.items()).backward()
    gradients: dict[str, np.ndarray] = {name: leaf.grad.numpy() for name, leaf in leaves.items()}
    gates = LIBRARY[case.cell.__name__][1]
    for place, gate in enumerate(gates):
        w_x, w_h, b_x, b_h = (p.grad[place * K : (place + 1) * K].numpy() for p in module.parameters())
        gradients[f"b_{gate}"] = b_x
        if gate == "m":
            gradients |= {"W_m": w_x, "W_u": w_h, "b_u": b_h}
        else:
            gradients[f"W_{gate}"] = np.concatenate([w_x, w_h], axis=1)
    return {name: gradients[name] for name in case.at}


of_library = pytest.mark.parametrize("name", LIBRARY)


@of_library
def test_values_are_those_of_torch_nn(name):
    case = draw(CELLS[name], (N, K))
    expected = arrays_of(_library_results(*_library(case), case.cell.system.states))
    same(torch_forward(torch_module(case.cell), case), expected, 1e-10)
    same(numpy_forward(numpy_module(case.cell), case), expected, 1e-10)


@of_library
def test_gradients_are_those_of_torch_nn(name):
    case = draw(CELLS[name], (N, K))
    same(torch_backward(torch_module(case.cell), case), _library_gradients(case), 1e-10)
    same(numpy_backward(numpy_module(case.cell), case), _library_gradients(case), 1e-10)


# -- ONNX Runtime: gates i o f c with peepholes i o f, and z r h; float32 ----------------------------------------------

ONNX = {
    "LSTM": ("LSTM", "iofg", {}),
    "CIFG": ("LSTM", "iofg", {"input_forget": 1}),
    "Peephole": ("LSTM", "iofg", {}),
    "GRU": ("GRU", "zrm", {"linear_before_reset": 1}),
    "GRUResetBefore": ("GRU", "zrm", {"linear_before_reset": 0}),
}


def _onnx_arrays(case: Case) -> dict[str, np.ndarray]:
    """The operator's inputs in its order; with input_forget the forget gate's parameters are not looked at."""
    gates = ONNX[case.cell.__name__][1]
    at = dict(case.at)
    if case.cell.__name__ == "CIFG":
        at |= {"W_f": np.full_like(at["W_i"], 9), "b_f": np.full_like(at["b_i"], 9)}
    weights = [at[f"W_{gate}"] for gate in gates]
    biases = np.concatenate([at[f"b_{gate}"] for gate in gates])
    second = np.zeros_like(biases)
    recurrent = [weight[:, N:] for weight in weights]
    if "W_u" in at:
        recurrent[-1], second[-K:] = at["W_u"], at["b_u"]
    arrays = {
        "X": at["x"],
        "W": np.concatenate([weight[:, :N] for weight in weights])[None],
        "R": np.concatenate(recurrent)[None],
        "B": np.concatenate([biases, second])[None],
        "": None,
        "initial_h": at["h"][None],
    }
    if "c" in at:
        arrays["initial_c"] = at["c"][None]
    if "p_i" in at:
        arrays["P"] = np.concatenate([at["p_i"], at["p_o"], at["p_f"]])[None]
    return arrays


def _onnx_results(case: Case) -> dict[str, np.ndarray]:
    kind, _, attributes = ONNX[case.cell.__name__]
    arrays = _onnx_arrays(case)
    outputs = ["Y", "Y_h", *(["Y_c"] if "c" in case.at else [])]
    node = helper.make_node(kind, list(arrays), outputs, hidden_size=K, **attributes)
    given = {name: value for name, value in arrays.items() if name}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in given.items()]
    shapes = {"Y": (TIME, 1, BATCH, K), "Y_h": (1, BATCH, K), "Y_c": (1, BATCH, K)}
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in outputs]
    graph = helper.make_graph([node], "cell", inputs, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ys, *last = session.run(outputs, given)
    return {"output": ys[:, 0]} | {f"{name}.next": v[0] for name, v in zip(case.cell.system.states, last, strict=True)}


@pytest.mark.parametrize("name", ONNX)
def test_values_are_those_of_onnxruntime(name):
    case = draw(CELLS[name], (N, K), kind=np.float32)
    expected = _onnx_results(case)
    same(torch_forward(torch_module(case.cell), case), expected, 1e-5)
    same(numpy_forward(numpy_module(case.cell), case), expected, 1e-5)


# -- transcriptions of the equations in shared/cells.md: W x + U h + b a gate ------------------------------------------


def _gate(p, gate, x, h):
    """W_g x + U_g h + b_g, for rows of samples."""
    return x @ p[f"W_{gate}"][:, :N].T + h @ p[f"W_{gate}"][:, N:].T + p[f"b_{gate}"]


def lstm(p, x, h, c):
    i, f, o = (sigmoid(_gate(p, gate, x, h)) for gate in "ifo")
    c = f * c + i * tanh(_gate(p, "g", x, h))
    return o * tanh(c), c


def cifg(p, x, h, c):
    i, o = sigmoid(_gate(p, "i", x, h)), sigmoid(_gate(p, "o", x, h))
    c = (1 - i) * c + i * tanh(_gate(p, "g", x, h))
    return o * tanh(c), c


def peephole(p, x, h, c):
    i = sigmoid(_gate(p, "i", x, h) + p["p_i"] * c)
    f = sigmoid(_gate(p, "f", x, h) + p["p_f"] * c)
    c = f * c + i * tanh(_gate(p, "g", x, h))
    o = sigmoid(_gate(p, "o", x, h) + p["p_o"] * c)
    return o * tanh(c), c


def gru(p, x, h):
    z, r = sigmoid(_gate(p, "z", x, h)), sigmoid(_gate(p, "r", x, h))
    m = tanh(x @ p["W_m"].T + p["b_m"] + r * (h @ p["W_u"].T + p["b_u"]))
    return (z * h + (1 - z) * m,)


def gru_reset_before(p, x, h):
    z, r = sigmoid(_gate(p, "z", x, h)), sigmoid(_gate(p, "r", x, h))
    return (z * h + (1 - z) * tanh(_gate(p, "m", x, r * h)),)


TRANSCRIPTIONS = {"LSTM": lstm, "CIFG": cifg, "Peephole": peephole, "GRU": gru, "GRUResetBefore": gru_reset_before}
of_paper = pytest.mark.parametrize("name", TRANSCRIPTIONS)


def _transcribed(name, at):
    """Results of all steps, the output being the first state."""
    names = CELLS[name].system.states
    states, ys = [at[s] for s in names], []
    for x in at["x"]:
        states = TRANSCRIPTIONS[name](at, x, *states)
        ys.append(states[0])
    return {"output": torch.stack(ys)} | {
        f"{s}.next": v for s, v in zip(CELLS[name].system.states, states, strict=True)
    }


@of_paper
def test_values_are_those_of_the_paper(name):
    case = draw(CELLS[name], (N, K))
    assert case.at["x"].shape == (TIME, BATCH, N)
    same(numpy_forward(numpy_module(case.cell), case), arrays_of(_transcribed(name, tensors(case.at))), 1e-12)


@of_paper
def test_first_and_second_gradients_are_those_of_the_paper(name):
    case = draw(CELLS[name], (N, K))
    at, d, v = tensors(case.at, grad=True), tensors(case.d, grad=True), tensors(case.v)
    results = _transcribed(name, at)
    loss = sum((results[key] * d[key]).sum() for key in d)
    first = dict(zip(at, torch.autograd.grad(loss, list(at.values()), create_graph=True), strict=True))
    same(numpy_backward(numpy_module(case.cell), case), arrays_of(first), 1e-12)
    product = sum((first[key] * v[key]).sum() for key in at)
    second = dict(zip({**at, **d}, torch.autograd.grad(product, [*at.values(), *d.values()]), strict=True))
    same(numpy_double_backward(numpy_module(case.cell), case), arrays_of(second), 1e-12)
