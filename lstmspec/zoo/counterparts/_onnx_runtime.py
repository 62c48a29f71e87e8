"""ONNX Runtime's LSTM and GRU as counterparts, with the paper's parameters in their places: float32, values alone."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ._libraries import biases, stacked
from ._row import Counterpart, Finals

P = SimpleNamespace
Array = np.ndarray[Any, np.dtype[Any]]


def onnx_runtime(kind: str, names: str, **attributes: int) -> Counterpart:
    """An operator; `names` are the paper's gates in its order."""

    def results(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
        with torch.no_grad():
            given = _operands(p, names, inputs[0], states)
            ys, *last = _computed(kind, attributes, {name: value.numpy() for name, value in given.items()})
        return torch.tensor(ys[:, 0]), tuple(torch.tensor(state[0]) for state in last)

    return Counterpart("ONNX Runtime", results, single=True)


def _operands(p: P, names: str, x: Tensor, states: Sequence[Tensor]) -> dict[str, Tensor]:
    """The operator's inputs in its order; a gate that the paper does not have is given, and must not be looked at."""
    every = names.split()
    for letter in "WUb":
        for name in every:
            if not hasattr(p, f"{letter}_{name}"):
                setattr(p, f"{letter}_{name}", torch.full_like(getattr(p, f"{letter}_{every[0]}"), 9))
    given = {
        "X": x,
        "W": stacked(p, "W", names)[None],
        "R": stacked(p, "U", names)[None],
        "B": torch.cat(biases(p, names))[None],
    }
    given |= {f"initial_{name}": state[None] for name, state in zip("hc", states, strict=False)}
    if hasattr(p, "p_i"):
        given["P"] = torch.cat([p.p_i, p.p_o, p.p_f])[None]
    return given


def _computed(kind: str, attributes: dict[str, int], given: dict[str, Array]) -> list[Array]:
    onnx, onnxruntime = importlib.import_module("onnx"), importlib.import_module("onnxruntime")
    helper, single = importlib.import_module("onnx.helper"), onnx.TensorProto.FLOAT
    time, batch, _ = given["X"].shape
    k = given["initial_h"].shape[-1]
    operands = ["X", "W", "R", "B", "", *[name for name in given if name not in "XWRB"]]  # "" is the lengths
    shapes = {"Y": (time, 1, batch, k), "Y_h": (1, batch, k), "Y_c": (1, batch, k)}
    outputs = list(shapes)[: 3 if "initial_c" in given else 2]
    node = helper.make_node(kind, operands, outputs, hidden_size=k, **attributes)
    inputs = [helper.make_tensor_value_info(name, single, value.shape) for name, value in given.items()]
    results = [helper.make_tensor_value_info(name, single, shapes[name]) for name in outputs]
    graph = helper.make_graph([node], "cell", inputs, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(outputs, given))
