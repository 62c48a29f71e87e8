"""What an operation is: one row that says everything about it.

A row has the shape rule, the derivative, the float64 evaluation that serves as oracle, and the SymPy form. What a
backend prints for it stands in that backend's spelling table; a test asserts that every row is complete everywhere.

Argument order of every rule: `shape(solver, node, shapes)`, `vjp(node, ans, ct, shape_of)`, `evaluate(node, *values)`,
`symbolic(node, *expressions)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import sympy

from ..diagnostics import Code
from ..nodes import Node
from ..sizes import Shape, Size
from ._interval import Interval

Array = np.ndarray[Any, np.dtype[Any]]


class Unranked:
    """The shape of a parameter of which nothing is known yet, not even its rank; the solver binds it."""


AnyShape = Shape | Unranked
ShapeOf = Callable[[Node], Shape]


class Mismatch(Exception):
    """Raised by a shape rule when operands do not fit.

    `sizes` are the two that should be equal, where there are two. `forced` has the reasons for those that were not
    declared but inferred from elsewhere; the checker looks among them for the equation that is to blame.
    """

    def __init__(
        self, code: Code, message: str, notes: Sequence[str] = (), sizes: tuple[Size, Size] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.notes = tuple(notes)
        self.sizes = sizes
        self.forced: tuple[Any, ...] = ()


class Solver(Protocol):
    """What a shape rule may ask of the checker."""

    def size(self, size: Size) -> Size:
        """A size as far as it is known."""

    def vector(self, shape: AnyShape, what: str) -> Size:
        """The size of a vector; what is unranked becomes one. Raises Mismatch for another rank."""

    def matrix(self, shape: AnyShape, what: str) -> tuple[Size, Size]:
        """Rows and columns of a matrix; what is unranked becomes one. Raises Mismatch for another rank."""

    def ranked(self, shape: AnyShape) -> Shape:
        """The shape; what is unranked becomes a vector, the default."""

    def equate(self, left: Size, right: Size, code: Code, what: str) -> None:
        """Two sizes are equal. Raises Mismatch where they cannot be, or where nothing says that they are."""

    def at_most(self, low: Size, high: Size, code: Code, what: str) -> None:
        """One size is at most another. Raises Mismatch where that cannot be proved."""

    def elementwise(self, shapes: Sequence[AnyShape]) -> AnyShape:
        """The common shape of operands: scalars broadcast with anything, nothing else broadcasts."""


@dataclass(frozen=True, kw_only=True)
class Op:
    """One operation.

    Attributes:
        name: What a node's `op` says.
        operands: The names of its arguments, `("u", "v")`; one name with a star stands for any number above zero.
        sizes: The names of its attributes, where these are dimensions: `repeat(u, count)` has one.
        doc: What users read of its function; empty for operators, and for what only derivatives have.
        shape: The shape of the result.
        vjp: For each argument the cotangent that `ct`, the cotangent of the result `ans`, contributes; None for none.
        evaluate: The value in float64 (or complex128, for complex-step derivatives) of one sample, without batch.
        symbolic: The same in SymPy, unevaluated.
        scalar: For elementwise operations the operation on SymPy scalars; vjp and symbolic follow from it.
        definition: The same in elementary functions, where `scalar` is a function that SymPy does not have.
        inverse: The first argument from the result and the others, where there is one: with it SymPy can write the
            derivative in terms of the result.
        condition: Whether the result is a condition, true or false, rather than a number.
        conditions: The arguments that must be conditions; all others must be numbers.
        bounds: The values that it can have, from those of its arguments; None when nothing is known.
        partial: For elementwise operations whose derivative is not that of `scalar`: the derivative with respect to one
            argument, None for zero.

    """

    name: str
    operands: tuple[str, ...]
    shape: Callable[[Solver, Node, Sequence[AnyShape]], AnyShape]
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]]
    evaluate: Callable[..., Array]
    symbolic: Callable[..., sympy.Expr]
    scalar: Callable[..., sympy.Expr] | None = None
    definition: Callable[..., sympy.Expr] | None = None
    inverse: Callable[..., sympy.Expr] | None = None
    condition: bool = False
    conditions: tuple[int, ...] = ()
    bounds: Callable[..., Interval] | None = None
    partial: Callable[[Node, int], Node | None] | None = None
    sizes: tuple[str, ...] = ()
    doc: str = ""

    @property
    def arity(self) -> int | None:
        """The number of arguments; None for any number above zero."""
        return None if self.operands[:1] and self.operands[0].startswith("*") else len(self.operands)


TABLE: dict[str, Op] = {}


def register(op: Op) -> None:
    """Add a row. Raises ValueError when the name has one."""
    if op.name in TABLE:
        raise ValueError(f"operation {op.name!r} is registered twice")
    TABLE[op.name] = op
