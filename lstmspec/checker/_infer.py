"""One pass of inference over the equations of a system, and the faults that it meets.

An equation is given a second chance when it does not fit: what is expected of it (a state's new value has the state's
shape) is handed down to its operands first, so that the operand that cannot have it is where the fault is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..diagnostics import Code, Diagnostic
from ..language import DeclaredShape, Equation, System, sort
from ..nodes import Name, Node, subnodes
from ..ops import TABLE, AnyShape, Mismatch, Unranked, is_elementwise
from ..sizes import Shape, Size, is_at_least
from . import _narrate as narrate
from ._reason_chains import Why
from ._reasons import Reason
from ._solver import Unifier


@dataclass(frozen=True)
class Fault:
    """A finding about shapes, with what blame and mending need to know of it.

    Attributes:
        equation: The equation in which it was found.
        node: The expression that does not fit.
        told: The finding; None in an inference that only tries something out.
        is_forced: Whether it takes two equations to tell it.
        operands: The shapes of its arguments.
        suspects: The equations that forced sizes in it, itself included; empty when only declarations did.
        sizes: The two sizes that should be equal, where there are two.

    """

    equation: Name
    node: Node
    operands: tuple[AnyShape, ...]
    told: Diagnostic | None
    is_forced: bool = False
    suspects: tuple[Name, ...] = ()
    sizes: tuple[Size, Size] | None = None


def apply_rule(solver: Unifier, node: Node, known: Mapping[Node, AnyShape], names: Mapping[Name, AnyShape]) -> AnyShape:
    """The shape of a node by its operation's rule. Raises Mismatch."""
    if node.op == "ref":
        return names[node.name]
    if node.op == "number":
        return ()
    if TABLE[node.op].sizes:
        _require_positive(solver, node)
    return TABLE[node.op].shape(solver, node, [known[arg] for arg in node.args])


def _require_positive(solver: Unifier, node: Node) -> None:
    """Raise Mismatch for a node among whose sizes one is not positive for some sizes of the symbols."""
    for size in node.attrs:
        if isinstance(size, Size) and not is_at_least(size, 1):
            message = f"`{node.op}` is given the size {narrate.how_positive(size.ordered(solver.dims))},"
            raise Mismatch(Code.LS109, message, ("dimension symbols are independent of one another",))


class Inference:
    """The shapes of one system; equations in `last` are visited after all others, which then show its shape."""

    def __init__(self, system: System, last: Sequence[Name] = (), *, tells: bool = True) -> None:
        self.system = system
        self.tells = tells  # whether faults are put into words, which costs more than finding them
        self.last = tuple(last)
        self.dims = _dims(system)
        self.solver = Unifier(self.dims)
        self.names: dict[Name, AnyShape] = {}
        self.why = Why(system, self.solver, self.names)
        self.faults: list[Fault] = []
        for symbol in system.symbols.values():
            self.names[symbol.name] = self._opened(symbol.shape)
        for name in self.last:
            self.names[name] = self.expected(name)
        ordered = sort(system.equations)[0]
        for equation in (e for chosen in (False, True) for e in ordered if (e.name in self.last) is chosen):
            self._visit(equation)
        for mismatch, reason in self.solver.settle():
            if reason is not None:
                self._fault(mismatch, reason, {})

    def _opened(self, shape: DeclaredShape | None) -> AnyShape:
        """A declared shape with an unknown for each size that was left out."""
        return Unranked() if shape is None else tuple(self.solver.fresh() if size is None else size for size in shape)

    def expected(self, name: Name) -> AnyShape:
        """The shape that an equation must have, as far as it is known before the equation is looked at."""
        if name in self.names:
            return self.names[name]
        state, declared = name.state, self.system.equations[name].shape
        if state != name and state in self.system.symbols:
            return self.names[state]
        return self._opened(declared)

    # -- one equation ------------------------------------------------------------------------------------------------

    def _visit(self, equation: Equation) -> None:
        expected = self.expected(equation.name)
        mark = self.solver.mark()
        try:
            self.names[equation.name] = self._shape(equation, expected)
            return
        except _Caught as caught:
            first = caught
        self.solver.undo(mark)
        self._hand_down(equation, expected)
        try:
            self.names[equation.name] = self._shape(equation, expected)
        except _Caught as caught:
            self._fault(caught.mismatch, caught.reason, caught.known)
        else:  # the operands took it: then what they forced before is what does not fit
            self._fault(first.mismatch, first.reason, first.known)
        self.solver.undo(mark)
        self.names[equation.name] = expected

    def _shape(self, equation: Equation, expected: AnyShape) -> AnyShape:
        known: dict[Node, AnyShape] = {}
        reason = Reason(equation.expr, equation.name, equation.site)
        try:
            for node in subnodes(equation.expr):
                reason = self.solver.reason = Reason(node, equation.name, node.site or equation.site)
                known[node] = apply_rule(self.solver, node, known, self.names)
            reason = self.solver.reason = Reason(equation.expr, equation.name, equation.site)
            self._tie(equation, expected, known[equation.expr])
            if equation.shape is not None and equation.name.is_next:  # it has two shapes to keep to
                self._keep(equation, self._opened(equation.shape), known[equation.expr])
        except Mismatch as mismatch:
            raise _Caught(mismatch, reason, known) from None
        return known[equation.expr]

    def _tie(self, equation: Equation, expected: AnyShape, own: AnyShape) -> None:
        """An equation has the shape that is expected of it: a state's new value that of the state."""
        if isinstance(self.solver.shape(expected), Unranked) or isinstance(self.solver.shape(own), Unranked):
            self.solver.elementwise([expected, own])
            return
        expected, own = self.solver.ranked(expected), self.solver.ranked(own)
        state = equation.name.state
        if state == equation.name or state not in self.system.symbols:
            self._keep(equation, expected, own)
            return
        said = f"state `{state}` is {self.why.shown(expected)} but its next value is {self.why.shown(own)}"
        self._equate(expected, own, Code.LS104, said)

    def _keep(self, equation: Equation, declared: AnyShape, own: AnyShape) -> None:
        """An equation has the shape that was declared for it."""
        declared, own = self.solver.ranked(declared), self.solver.ranked(own)
        said = f"`{equation.name}` is to be {self.why.shown(declared)} but is {self.why.shown(own)}"
        self._equate(declared, own, Code.LS103, said)

    def _equate(self, expected: Shape, own: Shape, code: Code, said: str) -> None:
        if len(expected) != len(own):
            raise Mismatch(code, said)
        for left, right in zip(expected, own, strict=True):
            self.solver.equate(left, right, code, said)

    def _hand_down(self, equation: Equation, expected: AnyShape) -> None:
        """Bind open sizes of the operands of elementwise operations, and of the rows of matrices, to the expected ones.

        A size that cannot be the expected one stays as it is: the rules find it.
        """
        shape = self.solver.shape(expected)
        if isinstance(shape, Unranked) or not shape:
            return
        stack, seen = [equation.expr], set[Node]()
        self.solver.reason = Reason(equation.expr, equation.name, equation.site)
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node.op == "ref":
                self._bind(self.solver.shape(self.names[node.name]), shape)
            elif is_elementwise(node):
                stack += reversed(node.args)
            elif node.op == "matmul" and len(shape) == 1 and node.args[0].op == "ref":
                matrix = self.solver.shape(self.names[node.args[0].name])
                self._bind(() if isinstance(matrix, Unranked) else matrix[:1], shape)

    def _bind(self, own: AnyShape, shape: Shape) -> None:
        if isinstance(own, Unranked) or len(own) != len(shape):
            return
        for left, right in zip(own, shape, strict=True):
            if left.unknowns:
                try:
                    self.solver.equate(left, right, Code.LS101, "operands do not agree")
                except Mismatch:
                    continue

    def _fault(self, mismatch: Mismatch, reason: Reason, known: Mapping[Node, AnyShape]) -> None:
        operands = [(arg, known[arg]) for arg in reason.node.args if arg in known]
        forced = narrate.is_forced(mismatch, reason)
        shapes = tuple(self.solver.shape(shape) for _, shape in operands)
        names = dict.fromkeys((reason.equation, *(other.equation for other in mismatch.forced)))
        told = narrate.mismatched(self.why, mismatch, reason, operands) if self.tells else None
        self.faults.append(
            Fault(reason.equation, reason.node, shapes, told, forced, tuple(names) if forced else (), mismatch.sizes)
        )

    # -- results -----------------------------------------------------------------------------------------------------

    def resolved(self) -> dict[Name, Shape]:
        """Every name's shape, where it is known."""
        shapes: dict[Name, Shape] = {}
        for name, open_shape in self.names.items():
            shape = self._settled(open_shape)
            if not any(size.unknowns for size in shape):
                shapes[name] = tuple(size.ordered(self.dims) for size in shape)
        return shapes

    def loose_ends(self) -> list[Diagnostic]:
        """Sizes that nothing determines, and sizes that are not always positive.

        After a fault there are none: they are likely its echo.
        """
        if self.faults:
            return []
        found: list[Diagnostic] = []
        reported: set[str] = set()  # unknowns; membership only
        negative: set[Size] = set()  # sizes that were reported; membership only
        any_open = any(self._unknowns(name) for name in self.system.symbols)
        for name in sorted(self.names, key=self._is_layer):  # what the user wrote, before what a layer made
            shape, unknowns = self._settled(self.names[name]), self._unknowns(name)
            bad = {size for size in shape if not unknowns and not is_at_least(size, 1)}
            if bad - negative:
                negative |= bad
                found.append(narrate.not_positive(self.why, name, shape))
            # Where symbols are open, an equation made of them is their echo.
            if unknowns - reported and (name in self.system.symbols or not any_open):
                reported |= unknowns
                found.append(narrate.undetermined(self.why, name))
        return found

    def _is_layer(self, name: Name) -> bool:
        return name in self.system.symbols and self.system.symbols[name].layer

    def _unknowns(self, name: Name) -> set[str]:
        return {atom for size in self._settled(self.names[name]) for atom in size.unknowns}

    def _settled(self, shape: AnyShape) -> Shape:
        """A shape in the end: a parameter still without a rank is a vector."""
        return tuple(self.solver.size(size) for size in self.solver.ranked(shape))


class _Caught(Exception):
    """A mismatch with where it happened and the shapes known by then."""

    def __init__(self, mismatch: Mismatch, reason: Reason, known: Mapping[Node, AnyShape]) -> None:
        super().__init__()
        self.mismatch = mismatch
        self.reason = reason
        self.known = known


def _dims(system: System) -> tuple[str, ...]:
    declared = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
    nodes = [node for equation in system.equations.values() for node in subnodes(equation.expr)]
    written = [attr for node in nodes for attr in node.attrs if isinstance(attr, Size)]
    return tuple(dict.fromkeys([*system.dims, *(atom for size in declared + written for atom in size.atoms)]))
