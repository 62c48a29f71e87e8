"""Calls of NumPy models: records and arrays of a function checked, and handed to a pass."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from .arguments import is_a, numbers_given
from .cell import Cell
from .checks import Boundary
from .numpy_words import Array

Sizes = tuple[Any, ...]


class Calls:
    """The functions of a cell with their arguments and results: a record, or the axes of an array.

    Args:
        cell: The cell's tables.
        module: The name of the cell's folder, for messages.
        records: The dataclasses Params, State, Tape, Seeds and Adjoints.

    """

    def __init__(self, cell: Cell, module: str, records: Sequence[Any]) -> None:
        self._cell = cell
        self.module = module
        self.Params, self.State, self.Tape, *_ = records
        self.steps = {cell.sequences[x]: f"time batch {axes}".strip() for x, axes in cell.inputs.items()}
        self.ys = f"time batch {cell.output}".strip()

    def checked(self, name: str, run: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """What a pass gives of these arguments, if they are what they should be. Raises ShapeError."""
        types, boundary = self._boundaries[name]
        for (argument, kind), value in zip(types.items(), arguments, strict=True):
            if not isinstance(kind, str):
                is_a(f"{self.module}.{name}", argument, value, kind)
        constants = {constant: getattr(arguments[0], constant) for constant in self._cell.constants}
        numbers_given(f"{self.module}.{name}", constants)  # as they may have been assigned
        found: list[Any] = []

        def results(sizes: Sizes) -> tuple[Array, ...]:
            found.append(run(sizes, *arguments))
            return _flat(found[0])

        boundary.call(_flat(arguments), results)
        return found[0]

    @functools.cached_property
    def _boundaries(self) -> Mapping[str, tuple[Mapping[str, Any], Boundary]]:
        """Function → its arguments and its checks."""
        first = {"params": self.Params, **self.steps, "state": self.State}
        backward = {"params": self.Params, "tape": self.Tape, "d_ys": self.ys, "d_state": self.State}
        twice = {**backward, **{f"probe_{name}": kind for name, kind in first.items()}}
        gradients = [self.Params, *self.steps.values(), self.State]
        made: dict[str, tuple[Mapping[str, Any], Sequence[Any]]] = {
            "outputs": (first, [self.ys, self.State]),
            "forward": (first, [self.ys, self.State, self.Tape]),
            "backward": (backward, gradients),
            "double_backward": (twice, [*gradients, self.ys, self.State]),
        }
        return {name: (types, self._boundary(name, types, results)) for name, (types, results) in made.items()}

    def _boundary(self, name: str, types: Mapping[str, Any], results: Sequence[Any]) -> Boundary:
        axes: dict[str, str] = {}
        for argument, kind in types.items():
            bare = "" if argument in ("params", "state") else f"{argument}."
            own = {argument: kind} if isinstance(kind, str) else {f"{bare}{f}": a for f, a in axes_of(kind).items()}
            axes |= own
        found = [own for kind in results for own in ([kind] if isinstance(kind, str) else axes_of(kind).values())]
        called = {x: xs if xs in axes else f"tape.{xs}" for x, xs in self._cell.sequences.items()}
        called |= {state: state if state in axes else f"d_state.{state}" for state in self._cell.states}
        return Boundary(f"{self.module}.{name}", self._cell, _hint, axes, found, called)


def axes_of(record: Any) -> dict[str, str]:
    """The arrays of a record with their axes, as annotations say."""
    hints: dict[str, Any] = {field.name: field.type for field in dataclasses.fields(record)}
    return {name: hint.dim_str for name, hint in hints.items() if hasattr(hint, "dim_str")}


def _hint(axes: str) -> Any:
    return Float[np.ndarray, axes]


def _flat(values: Sequence[Any]) -> tuple[Array, ...]:
    """Arrays, and the arrays of records."""
    found: list[Any] = []
    for value in values:
        found += [getattr(value, name) for name in axes_of(value)] if dataclasses.is_dataclass(value) else [value]
    return tuple(found)
