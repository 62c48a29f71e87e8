import numpy as np

from lstmspec import Cell, Input, State, affine, audit, dims, sigmoid, tanh

n, k = dims("n k")


class Minimal(Cell):
    x = Input(n)
    h = State(k)

    f = sigmoid(affine(x, h))
    m = tanh(affine(x, f * h))
    h.next = (1 - f) * h + f * m


def step(p, x, h):
    f = 1 / (1 + np.exp(-(x @ p["Wf"] + h @ p["Uf"] + p["bf"])))
    m = np.tanh(x @ p["Wm"] + (f * h) @ p["Um"] + p["bm"])
    return (1 - f) * h + f * m


arrays = {
    name: np.zeros(shape)
    for name, shape in {
        "Wf": (3, 5),
        "Uf": (5, 5),
        "bf": 5,
        "Wm": (3, 5),
        "Um": (5, 5),
        "bm": 5,
    }.items()
}
report = audit(Minimal, step)
