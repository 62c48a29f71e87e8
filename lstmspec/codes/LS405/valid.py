import numpy as np

from lstmspec import Cell, Input, State, affine, audit, dims, sigmoid, tanh

n, k = dims("n k")


class Pair(Cell):
    x = Input(n)
    h, c = State(k), State(k)

    c.next = tanh(affine(x, h)) + sigmoid(affine(x)) * c
    h.next = tanh(c.next)


def step(p, x, h, c):
    c = np.tanh(x @ p["W"] + h @ p["U"] + p["b"]) + c / (1 + np.exp(-(x @ p["V"] + p["a"])))
    return np.tanh(c), c


shapes = {"W": (3, 5), "U": (5, 5), "b": 5, "V": (3, 5), "a": 5}
report = audit(Pair, step, arrays={name: np.zeros(shape) for name, shape in shapes.items()})
