"""Unification of sizes: linear forms over dimension symbols, with unknowns to solve for.

Invariant: a bound unknown never occurs in the value of another bound unknown after `size` has resolved it, and a
dimension symbol of the user's is never solved for. Every binding keeps the reason for it, and none is ever changed: so
what an equation did can be undone by dropping the newest ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import Code
from ..ops import AnyShape, Mismatch, Unranked
from ..sizes import Shape, Size, Verdict, compare, is_at_least
from ._reasons import Reason


@dataclass(frozen=True, slots=True)
class Binding:
    """The value of an unknown, the reason, and the two sizes, as they were then, that had to be equal."""

    value: Size
    reason: Reason | None
    sides: tuple[Size, Size]


STEPS = 8  # bindings that are followed to tell the two sides of an equality apart


class Unifier:
    """The solver that shape rules talk to; `reason` is set by the checker before it applies a rule."""

    def __init__(self, dims: Sequence[str] = ()) -> None:
        self.dims = dims  # the order in which messages write them
        self.bindings: dict[str, Binding] = {}
        self.ranks: dict[Unranked, Shape | Unranked] = {}
        self.deferred: list[tuple[Size, Size, Code, str, Reason | None]] = []
        self.bounds: list[tuple[Size, Size, Code, str, Reason | None]] = []
        self.reason: Reason | None = None
        self._count = 0

    def fresh(self) -> Size:
        """A new unknown."""
        self._count += 1
        return Size.of(f"?{self._count}")

    def mark(self) -> tuple[int, int, int, int]:
        """How much is known now, for `undo`."""
        return len(self.bindings), len(self.ranks), len(self.deferred), len(self.bounds)

    def undo(self, mark: tuple[int, int, int, int]) -> None:
        """Forget all that was bound since."""
        while len(self.bindings) > mark[0]:
            self.bindings.popitem()
        while len(self.ranks) > mark[1]:
            self.ranks.popitem()
        del self.deferred[mark[2] :], self.bounds[mark[3] :]

    # -- looking up --------------------------------------------------------------------------------------------------

    def size(self, size: Size) -> Size:
        """A size with every bound unknown replaced by its value."""
        while any(atom in self.bindings for atom in size.unknowns):
            size = size.substitute(lambda atom: self.bindings[atom].value if atom in self.bindings else None)
        return size

    def shape(self, shape: AnyShape) -> AnyShape:
        """A shape with every bound unknown replaced by its value."""
        shape = self._open(shape)
        return shape if isinstance(shape, Unranked) else tuple(self.size(size) for size in shape)

    def _open(self, shape: AnyShape) -> AnyShape:
        """A shape whose unknowns stay, for the reasons that they carry."""
        while isinstance(shape, Unranked) and shape in self.ranks:
            shape = self.ranks[shape]
        return shape

    def chain(self, *sizes: Size, most: int | None = None) -> tuple[Reason, ...]:
        """The reasons, from first to last, that force inferred sizes; nothing for declared ones.

        `most` stops the walk after so many.
        """
        found: dict[Reason, None] = {}
        seen: set[str] = set()  # membership only
        stack: list[Size | Reason] = [*reversed(sizes)]
        while stack and (most is None or len(found) < most):
            part = stack.pop()
            if isinstance(part, Reason):
                found.setdefault(part)
                continue
            for unknown in reversed(part.unknowns):
                binding = self.bindings.get(unknown)
                if unknown in seen or binding is None:
                    continue
                seen.add(unknown)
                near, far = binding.sides
                if not self._leads(near, unknown) and self._leads(far, unknown):
                    near, far = far, near
                # First what ties the unknown to its own side, then what equates the sides, then the other side.
                stack += [binding.value, far]
                stack += [binding.reason] if binding.reason is not None else []
                stack.append(near)
        return tuple(found)

    def _leads(self, size: Size, unknown: str) -> bool:
        """Whether a size is, or was bound to, one with this unknown; looked for a few steps far."""
        for _ in range(STEPS):
            if unknown in size.unknowns:
                return True
            size = size.substitute(lambda atom: self.bindings[atom].value if atom in self.bindings else None)
        return False

    # -- what rules ask ----------------------------------------------------------------------------------------------

    def ranked(self, shape: AnyShape, rank: int = 1) -> Shape:
        """The shape, with its unknowns; a parameter without a rank becomes a vector (or of the rank `rank`)."""
        found = self._open(shape)
        if isinstance(found, Unranked):
            ranked: Shape = tuple(self.fresh() for _ in range(rank))
            self.ranks[found] = ranked
            return ranked
        return found

    def vector(self, shape: AnyShape, what: str) -> Size:
        """The size of a vector."""
        found = self.ranked(shape)
        if len(found) != 1:
            raise Mismatch(Code.LS106, f"{what} is {_rank(found)}, not a vector,")
        return found[0]

    def matrix(self, shape: AnyShape, what: str) -> tuple[Size, Size]:
        """Rows and columns of a matrix."""
        found = self.ranked(shape, 2)
        if len(found) != 2:
            raise Mismatch(Code.LS106, f"{what} is {_rank(found)}, not a matrix,")
        return found[0], found[1]

    def elementwise(self, shapes: Sequence[AnyShape]) -> AnyShape:
        """The common shape of operands; scalars broadcast, and one without a rank has the shape of the others."""
        found = [self._open(shape) for shape in shapes]
        ranked = [shape for shape in found if not isinstance(shape, Unranked) and shape]
        unranked = [shape for shape in found if isinstance(shape, Unranked)]
        if not ranked:
            for other in unranked[1:]:
                if other is not unranked[0]:
                    self.ranks[other] = unranked[0]
            return unranked[0] if unranked else ()
        for open_shape in unranked:
            self.ranks[open_shape] = tuple(self.fresh() for _ in ranked[0])
        first = ranked[0]
        for shape in [self.ranked(shape) for shape in found]:
            if not shape or shape is first:
                continue
            if len(shape) != len(first):
                message = f"{_rank(first)} and {_rank(shape)} do not broadcast; only scalars do"
                raise Mismatch(Code.LS106, message)
            for left, right in zip(first, shape, strict=True):
                self.equate(left, right, Code.LS101, "operands do not agree")
        return first

    def equate(self, left: Size, right: Size, code: Code, what: str) -> None:
        """Solve left = right, or raise Mismatch."""
        if not self._solve(left, right, code, what):
            self.deferred.append((left, right, code, what, self.reason))

    def at_most(self, low: Size, high: Size, code: Code, what: str) -> None:
        """One size is at most another. Raises Mismatch when that cannot be proved; with unknowns, `settle` decides."""
        low, high = self.size(low), self.size(high)
        if (high - low).unknowns:
            self.bounds.append((low, high, code, what, self.reason))
        elif not is_at_least(high - low, 0):
            raise Mismatch(code, what, (f"{low.ordered(self.dims)} is not always at most {high.ordered(self.dims)}",))

    def settle(self) -> list[tuple[Mismatch, Reason | None]]:
        """Solve what had to wait for other equations, until nothing moves; the mismatches that this finds."""
        found: list[tuple[Mismatch, Reason | None]] = []
        moved = True
        while moved and self.deferred:
            moved, waiting, self.deferred = False, self.deferred, []
            for item in waiting:
                left, right, code, what, self.reason = item
                try:
                    if self._solve(left, right, code, what):
                        moved = True
                    else:
                        self.deferred.append(item)
                except Mismatch as mismatch:
                    moved = True
                    found.append((mismatch, item[4]))
        for low, high, code, what, reason in self.bounds:
            if not (self.size(high) - self.size(low)).unknowns:
                try:
                    self.at_most(self.size(low), self.size(high), code, what)
                except Mismatch as mismatch:
                    found.append((mismatch, reason))
        return found

    def _solve(self, left: Size, right: Size, code: Code, what: str) -> bool:
        """Whether it could be decided now. Raises Mismatch."""
        if left == right:
            return True
        try:
            return self._decide((left, right), code, what)
        except Mismatch as mismatch:
            mismatch.forced = self.chain(left, right)
            raise

    def _decide(self, sides: tuple[Size, Size], code: Code, what: str) -> bool:
        left, right = (self.size(side).ordered(self.dims) for side in sides)
        rest = left - right
        if not rest.unknowns:
            self._compare(left, right, code, what)
            return True
        for unknown in sorted(rest.unknowns, key=lambda atom: -int(atom[1:])):  # newer ones give way to older ones
            terms = {monomial: factor for monomial, factor in rest.terms.items() if unknown in monomial}
            if len(terms) != 1:
                continue
            ((monomial, factor),) = terms.items()
            if monomial.count(unknown) != 1:
                continue
            others = Size({m: -f for m, f in rest.terms.items() if m != monomial})
            cofactor = Size({tuple(atom for atom in monomial if atom != unknown): factor})
            value = others.divided_by(cofactor)
            if value is not None:
                number = value.constant
                if number is not None and number < 1:
                    raise Mismatch(code, what, (f"{_said(left)} and {_said(right)} agree only for a size of {number}",))
                self.bindings[unknown] = Binding(value, self.reason, sides)
                return True
            if not cofactor.unknowns and not others.unknowns:
                raise Mismatch(Code.LS108, f"{what}: {_said(left)} and {_said(right)} agree for no whole number")
        return False

    def _compare(self, left: Size, right: Size, code: Code, what: str) -> None:
        verdict = compare(left, right)
        if verdict is Verdict.EQUAL:
            return
        sizes = f"inner dimensions {left} and {right}" if code is Code.LS102 else f"{left} and {right}"
        difference = left - right
        if difference.at(dict.fromkeys(difference.atoms, 1009)) < 0:
            difference = -difference
        if verdict is Verdict.CANNOT_TELL:
            note = f"{sizes} are equal only if {left} = {right}, which nothing here says"
        else:
            note = f"{sizes} differ by {difference}"
        if code is Code.LS101 and Size.of(1) in (left, right):
            code, note = Code.LS110, f"size 1 does not spread over size {_other(left, right)}; a scalar does"
        if code is Code.LS101 and verdict is Verdict.CANNOT_TELL:
            code = Code.LS110
        raise Mismatch(code, what, (note,), (left, right))


def _other(left: Size, right: Size) -> Size:
    return right if left == Size.of(1) else left


def _said(size: Size) -> str:
    """A size in a message; the checker's unknowns have no names that users know."""
    return re.sub(r"\?\d+", "?", str(size))


def _rank(shape: Shape) -> str:
    return {0: "a scalar", 1: "a vector", 2: "a matrix"}[len(shape)]
