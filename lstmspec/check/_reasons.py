"""Why a dimension is what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..diagnostics import Site, where
from ..dims import Shape
from ..nodes import Node, text
from ..spec import Role


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """An expression in an equation that forces sizes to agree."""

    node: Node
    equation: str
    site: Site | None

    def __str__(self) -> str:
        return f"`{text(self.node)}` in equation `{self.equation}`"


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from a size to the declaration that it comes from; `lead` joins it to what is before."""

    lead: str
    text: str
    site: Site | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the shape table: a name, what it is, its shape, and the chain of equations that forced it."""

    name: str
    role: Role | None
    shape: Shape
    steps: tuple[Step, ...]

    @property
    def why(self) -> str:
        """The chain in a sentence."""
        return told(self.steps)


def told(steps: Sequence[Step], place: Callable[[Site | None], str] = where) -> str:
    """A chain in a sentence, each link with its place."""
    return "".join(f"{step.lead}{step.text}{f' at {place(step.site)}' if step.site else ''}" for step in steps)


def shown(shape: Shape) -> str:
    """A shape as the user reads it: `(k, n+k)`, `(k)`, `()`."""
    return f"({', '.join(str(size) for size in shape)})"
