"""What the checker says: the reason for every shape, and findings in words.

Reads the solver's bindings while the check runs and after it; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import Code, Diagnostic, where
from ..dims import Shape, Size, is_at_least
from ..nodes import Node, names_in, text
from ..ops import AnyShape, Mismatch, Unranked
from ..spec import System
from ._reasons import Fact, Reason
from ._solver import Unifier


class Narrator:
    """Words for the shapes of one system; `names` are the shapes found so far, which the checker fills."""

    def __init__(self, system: System, solver: Unifier, names: Mapping[str, AnyShape]) -> None:
        self.system = system
        self.solver = solver
        self.names = names

    # -- findings ----------------------------------------------------------------------------------------------------

    def undetermined(self, name: str) -> Diagnostic:
        """Nothing in the system says what size a name has."""
        symbol = self.system.symbols.get(name)
        site = symbol.site if symbol else self.system.equations[name].site
        what = symbol.role.value if symbol else "equation"
        return Diagnostic(
            Code.LS105,
            f"nothing says what size {what} `{name}` has",
            site,
            self.system.name,
            "" if symbol else name,
            help="say it: a shape, `Weight(k, n)`; of a dense layer `affine(…, size=k)`",
        )

    def not_positive(self, name: str, shape: Shape) -> Diagnostic:
        """A name has a size that is zero or negative for some sizes of the symbols."""
        size = next(size for size in shape if not is_at_least(size, 1)).ordered(self.solver.dims)
        never = is_at_least(-size, 0)
        symbol, equation = self.system.symbols.get(name), self.system.equations.get(name)
        site = symbol.site if symbol is not None else equation.site if equation is not None else None
        because = self._because(self.names[name])
        return Diagnostic(
            Code.LS109,
            f"`{name}` would have size {size}, which is {'never' if never else 'not always'} positive",
            site,
            self.system.name,
            "" if symbol else name,
            notes=(because,) if because else (),
            help=""
            if never
            else f"a size must be positive for all sizes of its symbols; declare `{name}` of a new one",
        )

    def fact(self, name: str, shape: Shape) -> Fact:
        """The row of a name in the shape table."""
        symbol = self.system.symbols.get(name)
        if symbol is None:
            equation = self.system.equations[name]
            return Fact(name, None, shape, self._because(self.names[name]) or f"the shape of `{text(equation.expr)}`")
        if symbol.shape is not None and None not in symbol.shape:
            return Fact(name, symbol.role, shape, f"declared so at {where(symbol.site)}")
        return Fact(name, symbol.role, shape, self._because(self.names[name]) or f"inferred at {where(symbol.site)}")

    def _because(self, shape: AnyShape) -> str:
        """The reason by which the last open dimension of a shape was bound."""
        while isinstance(shape, Unranked) and shape in self.solver.ranks:
            shape = self.solver.ranks[shape]
        if isinstance(shape, Unranked):
            return ""
        for size in shape:
            if (reason := self._last_binding(size)) is not None:
                return f"because of {reason}{self._bearer(reason, self.solver.size(size))}"
        return ""

    def _last_binding(self, size: Size) -> Reason | None:
        reason: Reason | None = None
        while (unknown := next((u for u in size.unknowns if u in self.solver.bindings), None)) is not None:
            size, reason = self.solver.bindings[unknown]
        return reason

    def _bearer(self, reason: Reason, size: Size) -> str:
        """Which operand brought the size along: a name in the expression that is declared with it."""
        for name in names_in(reason.node):
            symbol = self.system.symbols.get(name)
            if symbol is not None and symbol.shape and size in symbol.shape and None not in symbol.shape:
                return f", where `{name}` is {self.shown(self.names[name])} as declared at {where(symbol.site)}"
        return ""

    # -- diagnostics -------------------------------------------------------------------------------------------------

    def mismatch(self, mismatch: Mismatch, reason: Reason, operands: list[tuple[Node, AnyShape]]) -> Diagnostic:
        """An expression whose operands do not fit, with the reasons for their shapes."""
        seen = [(arg, self.shown(shape)) for arg, shape in operands]
        notes = [*mismatch.notes, *self._why(reason.node)]
        return Diagnostic(
            mismatch.code,
            f"{mismatch.message} in equation `{reason.equation}`",
            reason.site,
            self.system.name,
            reason.equation,
            label="   ".join(f"{text(arg)} : {shape}" for arg, shape in seen),
            notes=tuple(notes),
            help=mismatch.help or self._help(mismatch, operands),
        )

    def shown(self, shape: AnyShape) -> str:
        """A shape as it is known so far; `?` for what is not."""
        found = self.solver.shape(shape)
        if isinstance(found, Unranked):
            return "?"
        sizes = ("?" if size.unknowns else str(size.ordered(self.solver.dims)) for size in found)
        return f"({', '.join(sizes)})"

    def _why(self, node: Node) -> list[str]:
        """Why each name in the faulty expression has the shape it has."""
        lines = []
        for name in names_in(node):
            symbol = self.system.symbols.get(name)
            if symbol is not None and symbol.shape and None not in symbol.shape:
                shape = self.shown(self.names[name])
                lines.append(f"{name} is {shape} because it is declared so at {where(symbol.site)}")
            elif because := self._because(self.names.get(name, Unranked())):
                lines.append(f"{name} is {self.shown(self.names[name])} {because}")
        return lines

    def _help(self, mismatch: Mismatch, operands: list[tuple[Node, AnyShape]]) -> str:
        """For a product whose operand is too short: the concatenation that would fit, if one does."""
        if mismatch.code is not Code.LS102 or len(operands) != 2:
            return ""
        left, right = (self.solver.shape(shape) for _, shape in operands)
        if isinstance(left, Unranked) or isinstance(right, Unranked) or len(left) != 2 or len(right) != 1:
            return ""
        for name in (*self.system.states, *self.system.inputs):
            other = self.solver.shape(self.names[name])
            if not isinstance(other, Unranked) and len(other) == 1 and other[0] + right[0] == left[1]:
                own = text(operands[1][0])
                pair = (own, name) if name in self.system.states else (name, own)
                return f"concat({pair[0]}, {pair[1]}) has {left[1].ordered(self.solver.dims)}"
        return ""
