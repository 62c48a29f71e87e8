"""Operators that expressions do not have: each is refused, with the way to write its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..diagnostics import Code, SpecError, refused

EQUALITY = "`==` and `!=` of expressions say whether they are written alike"
CONDITIONS = "conditions are u < v, u <= v, u > v and u >= v; of whole numbers, u == v is abs(u - v) < 0.5"
_UNKNOWN = "is not known when a cell is declared"

# Operators of two operands: sign, and how to write it.
BINARY: Mapping[str, tuple[str, str]] = {
    "mod": ("%", "u % v is mod(u, v)"),
    "floordiv": ("//", "u // v, rounded down, is (u - mod(u, v)) / v"),
    "divmod": ("divmod()", "the quotient is (u - mod(u, v)) / v, the remainder mod(u, v)"),
    "and": ("&", "of two conditions it is where(a, where(b, this, that), that), of masks of 0 and 1 a * b"),
    "or": ("|", "of two conditions it is where(a, this, where(b, this, that)), of masks of 0 and 1 maximum(a, b)"),
    "xor": ("^", "a power is u**v; of two conditions it is where(a, where(b, that, this), where(b, this, that))"),
    "lshift": ("<<", "u << v is u * 2**v"),
    "rshift": (">>", "u >> v is u / 2**v, rounded down"),
}

# What Python asks of a value that stands alone: what cannot be had, and what to write.
ALONE: Mapping[str, tuple[str, str]] = {
    "invert": ("`~` is no operator of expressions", "turn the choice round: where(c, that, this); of a mask 1 - u"),
    "len": (f"the length of a vector {_UNKNOWN}", "a dimension as a number is size(k)"),
    "int": (f"the value of an expression {_UNKNOWN}", "rounded down it is u - mod(u, 1)"),
    "index": (f"the value of an expression {_UNKNOWN}", "a size is a dimension or an integer: v[:k], range(3)"),
    "complex": (f"the value of an expression {_UNKNOWN}", "cells compute with real numbers"),
    "float": (f"the value of an expression {_UNKNOWN}", "use tanh, exp, … of lstmspec, not of math"),
    "trunc": ("an expression cannot be cut to an integer", "rounded down it is u - mod(u, 1)"),
    "floor": ("an expression is not rounded by math.floor", "rounded down it is u - mod(u, 1)"),
    "ceil": ("an expression is not rounded by math.ceil", "rounded up it is u + mod(-u, 1)"),
    "round": ("an expression is not rounded by round()", "to the nearest integer it is u + 0.5 - mod(u + 0.5, 1)"),
    "bool": (f"the truth of an expression {_UNKNOWN}",
             "use where(condition, this, that), one in another for two conditions; maximum, minimum"),
    "next": ("an expression is no iterator of Python's", "a state's new value is `h.next`"),
    "iter": ("a vector cannot be unpacked", "cut it: a, b = split(v, k, k)"),
    "contains": ("an expression holds no values that `in` could look for", CONDITIONS),
    "call": ("an expression cannot be called", "a product is u * v, or W @ v; a function is imported from lstmspec"),
    "setitem": ("a part of an expression cannot be set", "join parts to a new vector: concat(a, b)"),
    "delitem": ("a part of an expression cannot be deleted", "join the parts that stay: concat(v[:k], v[m:n])"),
}  # fmt: skip


class Refusing:
    """The operators above, each as a method that refuses."""

    __slots__ = ()


def _of_two(sign: str, help_: str) -> Callable[..., Any]:
    def method(self: object, *_: object) -> Any:
        raise refused(Code.LS208, f"`{sign}` is no operator of expressions", help=help_)

    return method


def _of_one(message: str, help_: str) -> Callable[..., Any]:
    def method(self: object, *_: object, **__: object) -> Any:
        raise refused(Code.LS208, message, help=help_)

    return method


def no_equality() -> SpecError:
    """The error for an expression that is compared with a number."""
    return refused(Code.LS208, EQUALITY, help=CONDITIONS)


NAMES = (*(f"__{r}{name}__" for name in BINARY for r in ("", "r")), *(f"__{name}__" for name in ALONE))
for _name, _row in BINARY.items():
    setattr(Refusing, f"__{_name}__", _of_two(*_row))
    setattr(Refusing, f"__r{_name}__", _of_two(*_row))
for _name, _row in ALONE.items():
    setattr(Refusing, f"__{_name}__", _of_one(*_row))
