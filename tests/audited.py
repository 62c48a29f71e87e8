"""What the tests of audits share: other people's code in many styles, all of them a cell of `helpers.CELLS`."""

import numpy as np
import torch
from helpers import CELLS, SIZES, numpy_module, torch_module

from lstmspec.language import Role

N, K = 5, 7  # sizes of the hand-written codes
RNG = np.random.default_rng(3)


def drawn(**shapes):
    """Arrays by name."""
    return {name: RNG.normal(size=shape) for name, shape in shapes.items()}


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def own_module(cell):
    """The generated PyTorch module of a built-in cell."""
    return getattr(torch_module(cell), cell.__name__)(*SIZES[: len(cell.shapes.dims)])


def own_function(cell):
    """The generated NumPy functions of a built-in cell, as a function with arrays."""
    nm, sizes = numpy_module(cell), dict(zip(cell.shapes.dims, SIZES, strict=False))
    fields = vars(nm.init(np.random.default_rng(0), **sizes))
    constants = {name: fields[name] for name in cell.system.having(Role.CONSTANT)}
    arrays = {name: value for name, value in fields.items() if name not in constants}

    def run(p, *arguments):
        *xs, state = arguments
        ys, last = nm.outputs(
            nm.Params(**p, **constants), *xs, nm.State(*(state if isinstance(state, tuple) else (state,)))
        )
        return ys, tuple(vars(last).values())

    return run, arrays


# -- one LSTM, and how people write it ---------------------------------------------------------------------------------


def lstm_cell(gates, c):
    """h and c from four gates before their activations: i, f, g, o."""
    i, f, g, o = gates
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def packed(order, *, operands="xh", transposed=False, biases=1, states="hc", kernels=2):
    """An LSTM's step with its gates packed in some order, in one kernel or two, with so many biases."""
    width = {"x": N, "h": K}
    if kernels == 2:
        shapes = {name: (4 * K, width[name[-1]]) for name in ("w_x", "w_h")}
    else:
        shapes = {"w": (4 * K, N + K)}
    shapes = {name: shape[::-1] if transposed else shape for name, shape in shapes.items()}
    arrays = drawn(**shapes, **{f"b{at}": 4 * K for at in range(biases)})

    def step(p, x, state):
        h, c = state if states == "hc" else state[::-1]
        p = {name: value.T if transposed and name[0] == "w" else value for name, value in p.items()}
        if kernels == 2:
            a = x @ p["w_x"].T + h @ p["w_h"].T
        else:
            a = np.concatenate([{"x": x, "h": h}[name] for name in operands], -1) @ p["w"].T
        a = a + sum(p[f"b{at}"] for at in range(biases))
        parts = dict(zip(order, np.split(a, 4, -1), strict=True))
        h, c = lstm_cell([parts[name] for name in "ifgo"], c)
        return h, ((h, c) if states == "hc" else (c, h))

    return step, arrays


def separate():
    """An LSTM's step with a kernel for each gate and operand, x @ W as a learner writes it."""
    shapes = {f"{letter}_{gate}": ({"W": N, "U": K}[letter], K) for gate in "ifgo" for letter in "WU"}
    arrays = drawn(**shapes, **{f"b_{gate}": K for gate in "ifgo"})

    def step(p, x, h, c):
        return lstm_cell([x @ p[f"W_{gate}"] + h @ p[f"U_{gate}"] + p[f"b_{gate}"] for gate in "ifgo"], c)

    return step, arrays


def flax():
    """As in Flax: the carry first, parameters in nested dicts, kernels for x @ kernel."""
    arrays = {}
    for gate in "ifgo":
        arrays[f"i{gate}"] = drawn(kernel=(N, K))
        arrays[f"h{gate}"] = drawn(kernel=(K, K), bias=K)

    def apply(params, carry, x):
        p, (c, h) = params["params"], carry
        dense = {
            gate: x @ p[f"i{gate}"]["kernel"] + h @ p[f"h{gate}"]["kernel"] + p[f"h{gate}"]["bias"] for gate in "ifgo"
        }
        h, c = lstm_cell([dense[gate] for gate in "ifgo"], c)
        return (c, h), h

    return apply, {"params": arrays}


def keras():
    """As in Keras: a list of arrays, inputs and a list of states, gates i, f, c, o in one kernel, and batch first."""
    arrays = list(drawn(kernel=(N, 4 * K), recurrent_kernel=(K, 4 * K), bias=4 * K).values())

    def call(weights, inputs, states):
        kernel, recurrent, bias = weights
        h, c = states
        outputs = []
        for x in np.swapaxes(inputs, 0, 1):
            h, c = lstm_cell(np.split(x @ kernel + h @ recurrent + bias, 4, -1), c)
            outputs.append(h)
        return np.swapaxes(np.array(outputs), 0, 1), h, c

    return call, arrays


def columns():
    """As a first course has it: a matrix for each gate, and columns for samples."""
    arrays = drawn(**{f"W{gate}": (K, N + K) for gate in "ifgo"}, **{f"b{gate}": (K, 1) for gate in "ifgo"})

    def step(p, x, h, c):
        both = np.concatenate([h, x])
        return lstm_cell([p[f"W{gate}"] @ both + p[f"b{gate}"] for gate in "ifgo"], c)

    return step, arrays


def single():
    """One sample, and no axis for it."""
    arrays = drawn(**{f"W{gate}": (K, N + K) for gate in "ifgo"}, **{f"b{gate}": K for gate in "ifgo"})

    def step(p, x, h, c):
        return lstm_cell([p[f"W{gate}"] @ np.concatenate([x, h]) + p[f"b{gate}"] for gate in "ifgo"], c)

    return step, arrays


STYLES = {
    "gates f i g o": lambda: packed("figo"),
    "gates o g i f": lambda: packed("ogif"),
    "one kernel, [x, h]": lambda: packed("ifgo", kernels=1),
    "one kernel, [h, x]": lambda: packed("ifog", kernels=1, operands="hx"),
    "transposed": lambda: packed("ifgo", transposed=True),
    "one transposed kernel": lambda: packed("gfio", transposed=True, kernels=1),
    "two biases": lambda: packed("ifgo", biases=2),
    "three biases": lambda: packed("ifgo", biases=3),
    "states (c, h)": lambda: packed("ifgo", states="ch"),
    "separate": separate,
    "Flax": flax,
    "Keras": keras,
    "columns": columns,
    "one sample": single,
}


class Minimal(torch.nn.Module):
    """MGU's step in PyTorch; `change` may replace what is done with f, h and m."""

    def __init__(self, n=N, k=K, change=None):
        super().__init__()
        self.f, self.m = torch.nn.Linear(n + k, k), torch.nn.Linear(n + k, k)
        self.change = change or (lambda f, h, m: (1 - f) * h + f * m)

    def forward(self, x, h):
        f = torch.sigmoid(self.f(torch.cat([x, h], -1)))
        m = torch.tanh(self.m(torch.cat([x, f * h], -1)))
        return self.change(f, h, m)


__all__ = ["CELLS", "STYLES", "K", "Minimal", "N", "drawn", "own_function", "own_module", "packed", "sigmoid"]
