"""The reasons for a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import Site, where
from ..language import Role
from ..nodes import Name, Node, brief
from ..sizes import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """An expression in an equation that forces sizes to agree."""

    node: Node
    equation: Name
    site: Site | None

    def __str__(self) -> str:
        return f"`{brief(self.node)}` in equation `{self.equation}`"

    @property
    def link(self) -> Link:
        """It as a link of a chain."""
        return Link(f"`{brief(self.node)}`", self.site, self.equation)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain from a size to what declares it: an expression of an equation, or a declaration."""

    text: str
    site: Site | None
    equation: str = ""
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The links that force a size of a shape, or a whole shape."""

    size: str
    links: tuple[Link, ...]

    def told(self) -> str:
        """The chain in words."""
        reasons = [f"{link.text} in equation `{link.equation}`{_at(link)}" for link in self.links if link.equation]
        declared = [f"{link.text} as declared{_at(link)}" for link in self.links if link.declares]
        others = [f"{link.text}{_at(link)}" for link in self.links if not link.equation and not link.declares]
        because = [f"because of {', '.join(reasons)}", *others] if reasons else others
        return ", ".join(because) + (f", where {', '.join(declared)}" if declared else "")


def _at(link: Link) -> str:
    return f" at {where(link.site)}" if link.site is not None else ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the shape table: a name, its role, its shape, and the chain of equations that forced each size."""

    name: Name
    role: Role | None
    shape: Shape
    chains: tuple[Chain, ...]

    @property
    def why(self) -> str:
        """The chains in a sentence."""
        return told(self.chains)


def told(chains: Sequence[Chain]) -> str:
    """Chains in a sentence; sizes are named where there are several."""
    if len(chains) == 1:
        return chains[0].told()
    return "; ".join(f"{chain.size} {chain.told()}" for chain in chains)


def shown(shape: Shape) -> str:
    """A shape as the user reads it: `(k, n+k)`, `(k)`, `()`."""
    return f"({', '.join(str(size) for size in shape)})"
