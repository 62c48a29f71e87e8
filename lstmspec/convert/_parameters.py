"""The parameters of a cell, as layouts ask for them: their shapes, and the columns of matrices by operand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..checker import Columns, check, columns
from ..language import System, once
from ..nodes import Name
from ..sizes import Shape


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of a cell: their shapes, the columns of the matrices among them, and the order of dimensions."""

    shapes: Mapping[str, Shape]
    columns: Mapping[str, tuple[Columns, ...]]
    dims: tuple[str, ...]


@once
def parameters_of(system: System) -> Parameters:
    """The parameters of a cell. Raises SpecError when it is ill-shaped."""
    shapes = check(system).require()
    own: dict[str, Shape] = {name: shapes.of[name] for name in system.parameters}
    matrices: dict[str, tuple[Columns, ...]] = {
        name: columns(system, Name(name)) for name, shape in own.items() if len(shape) == 2
    }
    return Parameters(own, matrices, shapes.dims)
