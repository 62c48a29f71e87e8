"""Shapes of a system: every symbol's and every equation's, each with its reason, or diagnostics.

Equations are visited in the order of evaluation, so the shapes of what an equation reads are known, or are unknowns
that later equations bind. An equation that does not fit is reported once; its name then has a shape of its own, so
that no echo of the fault is reported in the equations that read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..diagnostics import Code, Diagnostic, SpecError
from ..dims import Shape, Size, is_at_least
from ..nodes import Node, subnodes
from ..ops import TABLE, AnyShape, Mismatch, Unranked
from ..spec import Equation, Symbol, System, order
from ._narrate import Narrator
from ._reasons import Fact, Reason, shown
from ._solver import Unifier


class HasSystem(Protocol):
    """A cell class."""

    @property
    def system(self) -> System:
        """The cell as data."""


@dataclass(frozen=True)
class Shapes:
    """What the checker found.

    Attributes:
        system: What was checked.
        of: Every name's shape; a name without one is missing.
        facts: The table name → shape → reason, symbols first, in declared order.
        diagnostics: What is wrong; empty for a consistent system.
        dims: The dimension symbols, in the order in which declarations mention them.

    """

    system: System
    of: Mapping[str, Shape]
    facts: tuple[Fact, ...]
    diagnostics: tuple[Diagnostic, ...]
    dims: tuple[str, ...]

    def __getitem__(self, name: str) -> Shape:
        """The shape of a name."""
        return self.of[name]

    def __str__(self) -> str:
        width = max((len(fact.name) for fact in self.facts), default=0)
        lines = [f"{fact.name.ljust(width)} : {shown(fact.shape)}  {fact.why}" for fact in self.facts]
        return "\n".join([*lines, *(str(finding) for finding in self.diagnostics)])

    def require(self) -> Shapes:
        """Itself when there is nothing wrong.

        Raises:
            SpecError: with the diagnostics.

        """
        if self.diagnostics:
            raise SpecError(self.diagnostics)
        return self

    def of_node(self, root: Node) -> Shape:
        """The shape of an expression over the system's names. Raises SpecError when it has none."""
        return shapes_within(root, self.of)[root]


def shapes_within(root: Node, names: Mapping[str, Shape]) -> dict[Node, Shape]:
    """The shape of an expression and of all in it, from the shapes of names. Raises Mismatch when it has none."""
    solver = Unifier()
    known: dict[Node, AnyShape] = {}
    for node in subnodes(root):
        known[node] = _apply(solver, node, known, names)
    return {node: solver.ranked(shape) for node, shape in known.items()}


def check(system: System | HasSystem) -> Shapes:
    """Solve every dimension of a cell (or of a system). Never raises for a fault of it: faults are diagnostics."""
    return _Check(system if isinstance(system, System) else system.system).run()


def _apply(solver: Unifier, node: Node, known: Mapping[Node, AnyShape], names: Mapping[str, AnyShape]) -> AnyShape:
    if node.op == "ref":
        return names[str(node.attrs[0])]
    if node.op == "number":
        return ()
    return TABLE[node.op].shape(solver, node, [known[arg] for arg in node.args])


def _dims(system: System) -> tuple[str, ...]:
    declared = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
    nodes = [node for equation in system.equations.values() for node in subnodes(equation.expr)]
    written = [attr for node in nodes for attr in node.attrs if isinstance(attr, Size)]
    return tuple(dict.fromkeys([*system.dims, *(atom for size in declared + written for atom in size.atoms)]))


class _Check:
    def __init__(self, system: System) -> None:
        self.system = system
        self.dims = _dims(system)
        self.solver = Unifier(self.dims)
        self.names: dict[str, AnyShape] = {}
        self.narrator = Narrator(system, self.solver, self.names)
        self.findings: list[Diagnostic] = []
        self.bad: set[str] = set()  # membership only
        self.reported: set[str] = set()  # unknowns; membership only

    def run(self) -> Shapes:
        for symbol in self.system.symbols.values():
            self.names[symbol.name] = self._declared(symbol)
        for equation in order(self.system):
            self._visit(equation)
        for state in self.system.states:
            self._tie(state)
        for mismatch, reason in self.solver.settle():
            if reason is not None:
                self.findings.append(self.narrator.mismatch(mismatch, reason, []))
        shapes = self._resolved()
        facts = tuple(self.narrator.fact(name, shapes[name]) for name in shapes)
        return Shapes(self.system, shapes, facts, tuple(self.findings), self.dims)

    def _declared(self, symbol: Symbol) -> AnyShape:
        if symbol.shape is None:
            return Unranked()
        return tuple(self.solver.fresh() if size is None else size for size in symbol.shape)

    def _visit(self, equation: Equation) -> None:
        known: dict[Node, AnyShape] = {}
        for node in subnodes(equation.expr):
            reason = self.solver.reason = Reason(node, equation.name, node.site or equation.site)
            try:
                known[node] = _apply(self.solver, node, known, self.names)
            except Mismatch as mismatch:
                operands = [(arg, known[arg]) for arg in node.args]
                self.findings.append(self.narrator.mismatch(mismatch, reason, operands))
                self.names[equation.name] = Unranked()
                self.bad.add(equation.name)
                return
        self.names[equation.name] = known[equation.expr]

    def _tie(self, state: str) -> None:
        """A state and its next value have one shape."""
        name = f"{state}.next"
        if name in self.bad or name not in self.names:
            return
        equation = self.system.equations[name]
        reason = self.solver.reason = Reason(equation.expr, name, equation.site)
        before, after = self.solver.shape(self.names[state]), self.solver.shape(self.names[name])
        what = f"state `{state}` is {self.narrator.shown(before)} but its next value is {self.narrator.shown(after)}"
        try:
            if isinstance(before, Unranked) or isinstance(after, Unranked):
                self.solver.elementwise([before, after])
            elif len(before) != len(after):
                raise Mismatch(Code.LS104, what)
            else:
                for left, right in zip(before, after, strict=True):
                    self.solver.equate(left, right, Code.LS104, what)
        except Mismatch as mismatch:
            self.findings.append(self.narrator.mismatch(mismatch, reason, []))

    # -- results -----------------------------------------------------------------------------------------------------

    def _resolved(self) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {}
        # After a fault, a size that nothing determines is likely its echo.
        sound = not self.findings
        for name, open_shape in self.names.items():
            shape = self.solver.ranked(open_shape)
            if any(size.unknowns for size in shape):
                if sound:
                    self._undetermined(name)
                continue
            if sound and not all(is_at_least(size, 1) for size in shape):
                self.findings.append(self.narrator.not_positive(name, shape))
            shapes[name] = tuple(size.ordered(self.dims) for size in shape)
        return shapes

    def _undetermined(self, name: str) -> None:
        if name not in self.system.symbols and any(self._open(other) for other in self.system.symbols):
            return  # the symbols it is made of are reported
        unknowns = {atom for size in self.solver.ranked(self.names[name]) for atom in size.unknowns}
        if not unknowns <= self.reported:
            self.reported |= unknowns
            self.findings.append(self.narrator.undetermined(name))

    def _open(self, name: str) -> bool:
        shape = self.solver.shape(self.names[name])
        return isinstance(shape, Unranked) or any(size.unknowns for size in shape)
