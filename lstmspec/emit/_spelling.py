"""What a backend calls things: closed tables. What is not in a table is not printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)  # binding strength, weakest first


@dataclass(frozen=True, slots=True)
class Entry:
    """How an elementwise operation is written.

    `level` is the binding strength of the result; `levels` are those that each operand needs, or is put in parentheses.
    `wraps_numbers`: constants among the operands must be typed, lest they decide the result's type.
    """

    template: str
    level: int = ATOM
    levels: tuple[int, ...] = ()
    wraps_numbers: bool = False


OPERATORS: Mapping[str, Entry] = {
    "add": Entry("{} + {}", SUM, (SUM, PRODUCT)),
    "sub": Entry("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Entry("{} * {}", PRODUCT, (PRODUCT, UNARY)),
    "div": Entry("{} / {}", PRODUCT, (PRODUCT, UNARY)),
    "neg": Entry("-{}", UNARY, (UNARY,)),
    "pow": Entry("{}**{}", POWER, (ATOM, UNARY)),
    "less": Entry("{} < {}", COMPARISON, (SUM, SUM)),
    "less_equal": Entry("{} <= {}", COMPARISON, (SUM, SUM)),
}


def call(name: str, arity: int = 1, *, wraps_numbers: bool = False) -> Entry:
    """A function of that many operands."""
    operands = ", ".join(["{}"] * arity)
    return Entry(f"{name}({operands})", ATOM, (COMPARISON,) * arity, wraps_numbers)


@dataclass(frozen=True, slots=True)
class FirstValue:
    """How the first values of an array, or of a block of one, are written.

    The template has `{0}`, `{1}` for the numbers of the initialiser, and either `{shape}`, as an expression of values,
    or `{array}`, as a statement that fills one; `{rows}` and `{columns}` are the sizes of the block. `level` is the
    binding strength of an expression. `alone`: each block by itself, where adjacent ones are else written as one.
    """

    template: str
    level: int = ATOM
    alone: bool = False


@dataclass(frozen=True)
class Spelling:
    """One backend's words."""

    elementwise: Mapping[str, Entry]
    axis: str  # the keyword of a reduction
    copy: str  # an array of its own
    scalar: str  # a typed constant
    scalar_result: str  # a sum of all elements, as an array
    features: Mapping[str, str]  # along them; {0} the operand, {1} a size, {2} a count of groups, {3} operand's size
    concat: str
    broadcast: str
    ones: str
    zeros: str
    empty: str
    eye: str
    diagonal: str
    pad: Callable[[str, str, str, int], str]
    first: Mapping[str, FirstValue]  # initialiser → how it is written; `default` is what is not declared
    helpers: Mapping[str, str]  # name → source of functions that templates call
