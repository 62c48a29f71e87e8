"""What a library of arrays calls things: closed tables. What is not in a table is not printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)  # binding strength, weakest first


@dataclass(frozen=True, slots=True)
class Word:
    """How an elementwise operation is written.

    Attributes:
        template: The code, `{}` for each operand.
        level: The binding strength of the result.
        levels: Those that each operand needs, or is put in parentheses.
        operator: Whether it is arithmetic, which numbers have too; all else wants arrays.
        with_number: How it is written of an array `{0}` and a number `{1}`, where that differs.

    """

    template: str
    level: int = ATOM
    levels: tuple[int, ...] = ()
    operator: bool = False
    with_number: str = ""


OPERATORS: Mapping[str, Word] = {
    "add": Word("{} + {}", SUM, (SUM, PRODUCT), True),
    "sub": Word("{} - {}", SUM, (SUM, PRODUCT), True),
    "mul": Word("{} * {}", PRODUCT, (PRODUCT, UNARY), True),
    "div": Word("{} / {}", PRODUCT, (PRODUCT, UNARY), True),
    "neg": Word("-{}", UNARY, (UNARY,), True),
    "pow": Word("{}**{}", POWER, (ATOM, UNARY), True),
    "less": Word("{} < {}", COMPARISON, (SUM, SUM)),
    "less_equal": Word("{} <= {}", COMPARISON, (SUM, SUM)),
}


def call(name: str, arity: int = 1, *, with_number: str = "") -> Word:
    """A function of that many operands."""
    operands = ", ".join(["{}"] * arity)
    return Word(f"{name}({operands})", ATOM, (COMPARISON,) * arity, False, with_number)


@dataclass(frozen=True)
class Spelling:
    """One library's words.

    Attributes:
        elementwise: Operation → word.
        features: Operation along the features → code; {0} the operand, {1} a count, {2} of groups, {3} operand's size.
        axis: The keyword of a reduction.
        copy: An array in memory of its own.
        scalar: A number as an array without axes; `{like}` is an array of the kind that is wanted.
        result: What has no axes and was computed, as an array.
        concat: Of the parts {0} along the axis {1}.
        expand: Of the array {0} to the shape {1}.
        ones: Of the shape {0}; likewise zeros, and empty, which has any values.
        zeros: …
        empty: …
        eye: Of the size {0}.
        diagonal: Of the array {0}.
        helpers: Operation, or word of the printer → the function of the runtime that its code calls.
        owns_inputs: Whether a tape has copies of the inputs, since the caller may change them.

    """

    elementwise: dict[str, Word]
    features: Mapping[str, str]
    axis: str
    copy: str
    scalar: str
    result: str
    concat: str
    expand: str
    ones: str
    zeros: str
    empty: str
    eye: str
    diagonal: str
    helpers: Mapping[str, str]
    owns_inputs: bool
