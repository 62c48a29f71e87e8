"""Typed expressions of a procedure: what is read, and what is computed of it, with axes and shapes.

Invariant: a node never changes, and knows the axes in front of its own shape. Operands of an elementwise operation have
the rank of the result, or are numbers of no axes; a scalar of each sample that stands for every feature of it says so.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields, replace

from ..sizes import Shape, Size


class Lead(enum.IntEnum):
    """The axes in front of a value's own, by what it differs for."""

    NONE = 0  # the same for all samples and steps: parameters, numbers
    BATCH = 1  # of one step: (batch)
    STEPS = 2  # of every step: (time, batch)
    HISTORY = 3  # of every step and before the first: (time + 1, batch)


class At(enum.Enum):
    """Which entries of a buffer are read."""

    WHOLE = "all of it"
    STEP = "the entry of the step"
    STEP_AFTER = "the entry after that of the step"
    STEPS = "the first entry of each step"  # of a history: all but the last
    STEPS_AFTER = "the second entry of each step"  # all but the first


@dataclass(frozen=True, slots=True)
class Buffer:
    """An array: `record` is the argument that it is a field of, empty for one by itself."""

    name: str
    lead: Lead
    shape: Shape
    record: str = ""


@dataclass(frozen=True, slots=True)
class Expr:
    """A value with its own shape and the axes in front of it."""

    shape: Shape
    lead: Lead

    @property
    def operands(self) -> tuple[Expr, ...]:
        """The expressions that it is computed from."""
        found: list[Expr] = []
        for field in fields(self):
            value = getattr(self, field.name)
            found += [value] if isinstance(value, Expr) else value if field.name == "args" else []
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Extent(Expr):
    """A dimension as a number."""

    size: Size


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A number that users set when they construct a model: a field of the parameters."""

    name: str
    record: str


@dataclass(frozen=True, slots=True)
class Local(Expr):
    """A variable: a value of one step, or one that is the same for all."""

    name: str


@dataclass(frozen=True, slots=True)
class Read(Expr):
    """A buffer, or entries of it."""

    buffer: Buffer
    at: At


@dataclass(frozen=True, slots=True)
class Fill(Expr):
    """Every element is one number."""

    value: float


@dataclass(frozen=True, slots=True)
class Expand(Expr):
    """A value for every sample, or for every step and sample, though it is the same for all."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Copy(Expr):
    """A value in memory of its own."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Spread(Expr):
    """A scalar of each sample in the place of every feature: axes of length one, which broadcast."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Apply(Expr):
    """An operation of the table, but for products: elementwise, along the features, or one that moves and joins."""

    op: str
    args: tuple[Expr, ...]
    attrs: tuple[Hashable, ...] = ()


class Contraction(enum.Enum):
    """The kinds of products."""

    MATMUL = "matrix times matrix or vector"
    OUTER = "every element of one with every one of the other"
    DOT = "scalar product"


@dataclass(frozen=True, slots=True)
class Product(Expr):
    """A product for each sample; `summed`: over all samples and steps, as the gradient of a weight is.

    `turned` says which of the two matrices is transposed.
    """

    kind: Contraction
    left: Expr
    right: Expr
    turned: tuple[bool, bool] = (False, False)
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Total(Expr):
    """The sum over all samples and steps."""

    arg: Expr


def walk(root: Expr) -> Iterator[Expr]:
    """An expression and all in it, operands before what is computed of them."""
    for operand in root.operands:
        yield from walk(operand)
    yield root


def rebuilt(expr: Expr, operands: tuple[Expr, ...]) -> Expr:
    """The same operation on other operands, in the order of `operands`."""
    rest = iter(operands)
    changes: dict[str, object] = {}
    for field in fields(expr):
        value = getattr(expr, field.name)
        if isinstance(value, Expr):
            changes[field.name] = next(rest)
        elif field.name == "args":
            changes[field.name] = tuple(next(rest) for _ in value)
    return replace(expr, **changes)  # type: ignore[arg-type]  # the fields are those of the node itself
