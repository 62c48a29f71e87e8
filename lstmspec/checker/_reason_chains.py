"""The chain of equations that forced a shape, from the name to the declarations that it comes from.

Reads the solver's bindings; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..language import System
from ..nodes import Name, brief, names_in
from ..ops import AnyShape, Unranked
from ..sizes import Size
from ._reasons import Chain, Fact, Link, Reason
from ._solver import Unifier

LINKS = 6  # of a chain that the table shows; `chains` has all of them


class Why:
    """The reasons for the shapes of one system; `names` are the shapes found so far, which the checker fills."""

    def __init__(self, system: System, solver: Unifier, names: Mapping[Name, AnyShape]) -> None:
        self.system = system
        self.solver = solver
        self.names = names

    def fact(self, name: Name) -> Fact:
        """The row of a name in the shape table."""
        symbol = self.system.symbols.get(name)
        sizes = (self.solver.size(size) for size in self.solver.ranked(self.names[name]))
        shape = tuple(size.ordered(self.solver.dims) for size in sizes)
        return Fact(name, symbol.role if symbol is not None else None, shape, self.chains(name, LINKS))

    def chains(self, name: Name, most: int | None = None) -> tuple[Chain, ...]:
        """Why a name has its shape, size by size; `most` cuts a long chain off after so many links."""
        symbol, equation = self.system.symbols.get(name), self.system.equations.get(name)
        declared = symbol if symbol is not None else equation
        if declared is not None and self.is_declared(name):
            return (Chain("", (Link("declared so", declared.site),)),)
        axes = self._axes(name, most)
        if not axes and equation is not None:
            return (Chain("", (Link(f"the shape of `{brief(equation.expr)}`", equation.site),)),)
        if not axes:
            return (Chain("", (Link("inferred", symbol.site if symbol is not None else None),)),)
        return tuple(Chain(str(size), self._links(size, reasons, most)) for size, reasons in axes.items())

    def _links(self, size: Size, reasons: tuple[Reason, ...], most: int | None) -> tuple[Link, ...]:
        links = tuple(reason.link for reason in reasons[:most])
        if most is not None and len(reasons) > most:
            return (*links, Link("and so on", None))
        return (*links, *self._bearers(reasons[-1], size))

    def is_declared(self, name: Name) -> bool:
        """Whether the whole shape of a name was written in its declaration."""
        symbol, equation = self.system.symbols.get(name), self.system.equations.get(name)
        shape = symbol.shape if symbol is not None else equation.shape if equation is not None else None
        return shape is not None and None not in shape

    def shown(self, shape: AnyShape) -> str:
        """A shape as it is known so far; `?` for an unknown size."""
        found = self.solver.shape(shape)
        if isinstance(found, Unranked):
            return "?"
        sizes = ("?" if size.unknowns else str(size.ordered(self.solver.dims)) for size in found)
        return f"({', '.join(sizes)})"

    def _axes(self, name: Name, most: int | None) -> dict[Size, tuple[Reason, ...]]:
        """Each inferred size of a shape with its reasons; axes with the same reasons are one."""
        shape = self.names.get(name, ())
        axes: dict[Size, tuple[Reason, ...]] = {}
        # A parameter without a rank to the end has no reasons, and asking for its rank would give it one.
        for size in () if isinstance(self.solver.shape(shape), Unranked) else self.solver.ranked(shape):
            reasons = self.solver.chain(size, most=None if most is None else most + 1)
            if reasons and reasons not in axes.values():
                axes.setdefault(self.solver.size(size).ordered(self.solver.dims), reasons)
        return axes

    def _bearers(self, reason: Reason, size: Size) -> list[Link]:
        """Which operands brought the size along: names in the expression that are declared with it, or with its parts.

        Where there is none, the state whose new value the equation gives.
        """
        symbols = self.system.symbols
        names = [name for name in names_in(reason.node) if name in symbols and self.is_declared(name)]
        sizes = {name: [s for s in symbols[name].shape or () if s is not None] for name in names}
        exact = [name for name in names if size in sizes[name]]
        parts = [name for name in names if sizes[name] and {a for s in sizes[name] for a in s.atoms} <= {*size.atoms}]
        state = reason.equation.state
        own = [state] if state in symbols and self.is_declared(state) else []
        return [
            Link(f"`{name}` is {self.shown(self.names[name])}", symbols[name].site, declares=True)
            for name in exact[:1] or parts or own
        ]
