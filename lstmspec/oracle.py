"""The slow float64 interpreter of equations: the reference for everything that is derived or generated.

It evaluates each operation's own row, one sample and one step at a time, in the order of the equations. It knows
nothing of batches, schedules or packing, which is the point: what those get wrong shows as a difference.
Complex values are accepted, so that a derivative can be had by a complex step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .checker import check
from .language import System, order
from .nodes import Node, replace, subnodes
from .ops import TABLE
from .sizes import Size

Array = np.ndarray[Any, np.dtype[Any]]


def evaluate(root: Node, names: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The value of one expression.

    Args:
        root: The expression.
        names: The value of every name in it: (), (size,) or (rows, columns) arrays.
        sizes: The number that each dimension symbol is.

    """
    values: dict[Node, Array] = {}
    bound = replace(root, lambda node: _bound(node, sizes))
    for node in subnodes(bound):
        if node.op == "ref":
            values[node] = np.asarray(names[node.name])
        elif node.op == "number":
            values[node] = np.asarray(node.value)
        else:
            values[node] = TABLE[node.op].evaluate(node, *(values[arg] for arg in node.args))
    return values[bound]


def _bound(node: Node, sizes: Mapping[str, int]) -> Node:
    if not any(isinstance(attr, Size) for attr in node.attrs):
        return node
    attrs = tuple(Size.of(attr.at(sizes)) if isinstance(attr, Size) else attr for attr in node.attrs)
    return Node(node.op, node.args, attrs, node.site)


class Step:
    """One step of a system at fixed sizes, for one sample: all equations as one list of rows to evaluate.

    What two equations share is evaluated once. Sizes are bound when it is made, so that calling it again is cheap.

    Raises:
        SpecError: (when made) the equations have no order.

    """

    def __init__(self, system: System, sizes: Mapping[str, int]) -> None:
        self.system = system
        self._places: dict[Node, int] = {}
        self._rows: list[tuple[Node, tuple[int, ...]]] = []
        self._equations: dict[str, int] = {}
        for equation in order(system):
            bound = replace(equation.expr, lambda node: _bound(node, sizes))
            for node in subnodes(bound):
                if node.op == "ref" and node.name in self._equations:
                    self._places[node] = self._equations[node.name]
                elif node not in self._places:
                    self._places[node] = len(self._rows)
                    self._rows.append((node, tuple(self._places[arg] for arg in node.args)))
            self._equations[equation.name] = self._places[bound]

    def __call__(self, names: Mapping[str, Array]) -> dict[str, Array]:
        """Every equation's value. `names` has a value for every symbol but constants."""
        symbols = self.system.symbols
        values: list[Array] = []
        for node, places in self._rows:
            if node.op == "ref":
                name = node.name
                values.append(np.asarray(names[name] if name in names else symbols[name].value))
            elif node.op == "number":
                values.append(np.asarray(node.value))
            else:
                values.append(TABLE[node.op].evaluate(node, *(values[place] for place in places)))
        return {name: values[self._equations[name]] for name in self.system.equations}


def step(system: System, names: Mapping[str, Array], sizes: Mapping[str, int]) -> dict[str, Array]:
    """Every equation's value, for one sample and one step. `names` has a value for every symbol but constants."""
    return Step(system, sizes)(names)


def sequence(
    system: System,
    parameters: Mapping[str, Array],
    inputs: Mapping[str, Array],
    states: Mapping[str, Array],
    sizes: Mapping[str, int],
) -> tuple[Array, dict[str, Array]]:
    """A whole sequence: outputs (time, batch, ...) and final states (batch, ...).

    Args:
        system: A cell's equations.
        parameters: Under the names of the equations.
        inputs: Each (time, batch, ...).
        states: Each (batch, ...): the states before the first step.
        sizes: The number that each dimension symbol is.

    """
    first = next(iter(inputs.values()))
    time, batch = first.shape[:2]
    ahead = _output_shape(system, sizes)
    kind = np.result_type(*parameters.values(), *inputs.values(), *states.values(), np.float64)
    outputs = np.zeros((time, batch, *ahead), kind)
    finals = {name: np.array(value, kind) for name, value in states.items()}
    run = Step(system, sizes)
    for at in range(time):
        for sample in range(batch):
            now = {name: value[at, sample] for name, value in inputs.items()}
            now |= {name: value[sample].copy() for name, value in finals.items()}  # all states change at once
            values = run({**parameters, **now})
            outputs[at, sample] = values[system.output]
            for name in system.states:
                finals[name][sample] = values[name.next]
    return outputs, finals


def _output_shape(system: System, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(size.at(sizes) for size in check(system).require().of[system.output])
