"""What layouts ask of a cell: the shapes of its parameters, and what their columns act on. Checked once a cell."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from ..checker import Columns, check, columns
from ..language import System
from ..nodes import Name
from ..sizes import Shape


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parameters of a cell: their shapes, the columns of the matrices among them, and the order of dimensions."""

    shapes: Mapping[str, Shape]
    columns: Mapping[str, tuple[Columns, ...]]
    dims: tuple[str, ...]


def pieces(system: System) -> Pieces:
    """The parameters of a cell. Raises SpecError when it is ill-shaped."""
    return _pieces(_Same(system))


class _Same:
    """A system as a key: it is immutable, and to compare two by value takes as long as to check one."""

    __slots__ = ("system",)

    def __init__(self, system: System) -> None:
        self.system = system

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.system is self.system

    def __hash__(self) -> int:
        return id(self.system)


@functools.lru_cache(maxsize=64)
def _pieces(key: _Same) -> Pieces:
    shapes = check(key.system).require()
    own: dict[str, Shape] = {name: shapes.of[name] for name in key.system.parameters}
    matrices: dict[str, tuple[Columns, ...]] = {
        name: columns(key.system, Name(name)) for name, shape in own.items() if len(shape) == 2
    }
    return Pieces(own, matrices, shapes.dims)
