"""Why a dimension is what it is."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Site, where
from ..dims import Shape
from ..nodes import Node, text
from ..spec import Role


@dataclass(frozen=True, slots=True)
class Reason:
    """An expression in an equation that forces sizes to agree."""

    node: Node
    equation: str
    site: Site | None

    def __str__(self) -> str:
        return f"`{text(self.node)}` in equation `{self.equation}` at {where(self.site)}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the shape table: a name, what it is, its shape, and why."""

    name: str
    role: Role | None
    shape: Shape
    why: str


def shown(shape: Shape) -> str:
    """A shape as the user reads it: `(k, n+k)`, `(k)`, `()`."""
    return f"({', '.join(str(size) for size in shape)})"
