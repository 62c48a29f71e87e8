"""lstmspec itself: every stage on the built-in cells (part a), and the checker on ever larger cells (part b)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from .. import zoo
from ..cell import Cell, CellMeta
from ..checker import Shapes, check
from ..emit import generate
from ..language import Input, State, System, Weight, affine
from ..nodes import dims
from ..ops.user import sigmoid, tanh
from ._timing import Different, Plan, Timing, Work, exponent, medians, once

SIZES, QUICK_SIZES = (100, 200, 500, 1000), (20, 40)
SECONDS, LINEAR = 3.0, 1.3  # the claims: a whole stage, the exponent of linear growth


def stages(plan: Plan) -> Iterator[Timing]:
    """Check, gradients and generation of all built-in cells: the first run, as a user meets it."""
    cells = list(zoo.cells().values())
    work: dict[str, Work] = {
        "check": lambda: [check(cell).require() for cell in cells],
        "gradients": lambda: [str(cell.adjoint) for cell in cells],
        "second derivatives": lambda: [str(cell.adjoint.adjoint) for cell in cells],
        "generation": lambda: generate([cell.system for cell in cells]),
    }
    total = 0.0
    for name, function in work.items():
        plan.step(name)
        spent = once(function)
        total += spent
        yield Timing("a", f"{name}, {len(cells)} cells", spent, spent / len(cells), "ms a cell")
    share = total / 1e3 / SECONDS
    yield Timing("a", "all stages", total, share, f"of {SECONDS:g} s", plan.claim(share <= 1))


def growth(plan: Plan) -> Iterator[Timing]:
    """The checker against the number of equations."""
    counts = plan.pick(SIZES, QUICK_SIZES)
    times: list[float] = []
    for count in counts:
        plan.step(f"{count} equations")
        cell = chain(count)
        verify(cell, count)
        ms = medians({"check": partial(check_anew, cell.system)}, plan.pick(5, 3))["check"]
        times.append(ms)
        holds = plan.claim(ms <= 1e3 * SECONDS) if count == counts[-1] else None
        yield Timing("b", f"check, {count} equations", ms, 1e3 * ms / count, "µs an equation", holds)
    power = exponent(counts, times)
    yield Timing("b", "exponent of the growth", times[-1], power, "(1 is linear)", plan.claim(power <= LINEAR))


def check_anew(system: System) -> Shapes:
    """Check a copy: a system keeps the result of its check."""
    return check(replace(system))


def chain(equations: int) -> CellMeta:
    """A cell of so many equations: gates of dense layers, and elementwise mixtures of what came before."""
    n, k = dims("n k")
    body: Any = CellMeta.__prepare__("Chain", (Cell,))
    body["x"], body["h"] = Input(n), State(k)
    x, h = body["x"], body["h"]
    last = h
    for index in range(equations - 1):
        if index % 4 == 0:
            body[f"f{index}"] = sigmoid(affine(x, last))
        elif index % 4 == 1:
            body[f"p{index}"] = Weight()
            body[f"f{index}"] = sigmoid(affine(x, h) + body[f"p{index}"] * last)
        elif index % 4 == 2:
            body[f"f{index}"] = tanh(last * h + 0.5 * body[f"f{index - 2}"])
        else:
            body[f"f{index}"] = body[f"f{index - 2}"] * last + (1 - body[f"f{index - 2}"]) * h
        last = body[f"f{index}"]
    h.next = last * h
    return CellMeta("Chain", (Cell,), body)


def verify(cell: CellMeta, count: int) -> None:
    """The chain has so many equations, each of the size of its state."""
    shapes = check(cell).require()
    found = {str(shapes.of[name]) for name in cell.system.equations}
    if len(cell.system.equations) != count or found != {str(shapes.of[cell.system.states[0]])}:
        raise Different(f"the chain of {count} equations has other shapes than (k)")
