"""Whether two cells, or a cell and an implementation, are equal as functions: at random points of all parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..auditor import Audit
from ..checker import check
from ..language import System
from ..nodes import names_in
from ..oracle import Array
from ._faults import Fault
from ._implementation import computed, sizes_of

CLOSE = 1e-9
STEPS = 4
POINTS = 3


def is_equal(fault: Fault, found: System) -> bool:
    """Whether a cell is the one with the fault, as a function of parameters of the same names."""
    sizes, rng = sizes_of(fault.original), np.random.default_rng(5)
    own, others = (
        {name: tuple(size.at(sizes) for size in symbol.shape or () if size) for name, symbol in system.symbols.items()}
        for system in (fault.system, found)
    )
    read = {name for equation in found.equations.values() for name in names_in(equation.expr)}  # membership only
    if any(own.get(name) != others[name] for name in found.parameters if name in read):
        return False  # it has parameters that the implementation lacks
    for _ in range(POINTS):
        at: dict[str, Array] = {name: rng.normal(0.1, 0.7, shape) for name, shape in {**others, **own}.items()}
        inputs: dict[str, Array] = {name: rng.normal(0.1, 0.9, (STEPS, *own[name])) for name in fault.original.inputs}
        states: dict[str, Array] = {name: rng.normal(0.1, 0.9, own[name]) for name in fault.original.states}
        if not _close(computed(fault.system, at, inputs, states, sizes), computed(found, at, inputs, states, sizes)):
            return False
    return True


def explains(report: Audit, system: System, theirs: torch.nn.Module) -> bool:
    """Whether a cell and a module compute the same, with weights converted by the layout of an audit.

    The module is left with other parameters, in float64.
    """
    if report.layout is None:
        return False
    sizes, rng = dict(report.sizes), np.random.default_rng(6)
    theirs = theirs.double()
    parameters = dict(theirs.named_parameters())
    with torch.no_grad():
        for value in parameters.values():
            value.copy_(torch.from_numpy(rng.normal(0.1, 0.7, tuple(value.shape))))
    at = report.layout.to_spec({array.name: parameters[array.name] for array in report.layout.arrays})
    shapes = {name: tuple(s.at(sizes) for s in shape) for name, shape in check(report.system).require().of.items()}
    inputs: dict[str, Array] = {name: rng.normal(0.1, 0.9, (STEPS, *shapes[name])) for name in report.system.inputs}
    states: dict[str, Array] = {name: rng.normal(0.1, 0.9, shapes[name]) for name in report.system.states}
    return _close(_run(theirs, [*inputs.values()], [*states.values()]), computed(system, at, inputs, states, sizes))


def _run(theirs: torch.nn.Module, inputs: Sequence[Array], states: Sequence[Array]) -> list[Array]:
    """The outputs and last states of one sample, from a layer as `lstmspec generate` makes it."""
    xs = [torch.from_numpy(value)[:, None] for value in inputs]
    first = tuple(torch.from_numpy(value)[None, None] for value in states)
    with torch.no_grad():
        y, last = theirs(*xs, first[0] if len(first) == 1 else first)
    return [y[:, 0].numpy(), *(value[0, 0].numpy() for value in (last if isinstance(last, tuple) else (last,)))]


def _close(left: Sequence[Array], right: Sequence[Array]) -> bool:
    return all(
        a.shape == b.shape and bool(np.abs(a - b).max() <= CLOSE * max(1, np.abs(b).max()))
        for a, b in zip(left, right, strict=True)
    )
