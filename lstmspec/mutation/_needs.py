"""Sizes as the judge has them, and the needs of its rules: two sizes are one, one is at most another.

A size is a number, or a form: a number plus multiples of unknowns. A rule only adds and compares sizes, so that one
rule serves both: of numbers it says whether arrays fit, of forms it gathers the equations that they must satisfy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Refused(Exception):
    """Raised when operands do not fit."""


class Form:
    """A number plus multiples of unknowns."""

    __slots__ = ("constant", "factors")

    def __init__(self, constant: int, factors: Mapping[str, int]) -> None:
        self.constant = constant
        self.factors = {unknown: factor for unknown, factor in factors.items() if factor}

    def __add__(self, other: Length) -> Form:
        if isinstance(other, int):
            return Form(self.constant + other, self.factors)
        names = {**self.factors, **other.factors}
        both = {name: self.factors.get(name, 0) + other.factors.get(name, 0) for name in names}
        return Form(self.constant + other.constant, both)

    __radd__ = __add__

    def __mul__(self, count: int) -> Form:
        return Form(self.constant * count, {name: factor * count for name, factor in self.factors.items()})

    def __neg__(self) -> Form:
        return self * -1

    def __sub__(self, other: Length) -> Form:
        return self + -other

    def __rsub__(self, other: int) -> Form:
        return -self + other

    def at(self, values: Mapping[str, int]) -> int:
        """The number that it is when its unknowns are these."""
        return self.constant + sum(factor * values[name] for name, factor in self.factors.items())


Length = int | Form
Lengths = tuple[Length, ...]  # a shape


def at(lengths: Lengths, values: Mapping[str, int]) -> tuple[int, ...]:
    """A shape when the unknowns are these."""
    return tuple(length if isinstance(length, int) else length.at(values) for length in lengths)


class Needs(Protocol):
    """The questions that a rule asks of sizes."""

    def equal(self, left: Length, right: Length) -> None:
        """Two sizes are one. Raises Refused where they cannot be."""

    def at_most(self, low: Length, high: Length) -> None:
        """One size is at most another. Raises Refused where it cannot be."""


class Decided:
    """Needs of numbers, each met or refused at once."""

    def equal(self, left: Length, right: Length) -> None:
        """Raise Refused unless they are equal."""
        if left != right:
            raise Refused(f"{left} is not {right}")

    def at_most(self, low: Length, high: Length) -> None:
        """Raise Refused unless the first is at most the second."""
        if number(high - low) < 0:
            raise Refused(f"{low} is more than {high}")


class Gathered:
    """Needs as equations `form = 0` and bounds `form >= 0`; those without unknowns are decided at once."""

    def __init__(self) -> None:
        self.zeros: list[Form] = []
        self.bounds: list[Form] = []

    def equal(self, left: Length, right: Length) -> None:
        """The two are one. Raises Refused where they are numbers and differ."""
        difference = left - right
        if isinstance(difference, Form) and difference.factors:
            self.zeros.append(difference)
        elif number(difference) != 0:
            raise Refused(f"a difference of {number(difference)}")

    def at_most(self, low: Length, high: Length) -> None:
        """The first is at most the second. Raises Refused where they are numbers and it is not."""
        difference = high - low
        if isinstance(difference, Form) and difference.factors:
            self.bounds.append(difference)
        elif number(difference) < 0:
            raise Refused(f"short by {-number(difference)}")


def number(length: Length) -> int:
    """A size without unknowns as the number that it is."""
    return length if isinstance(length, int) else length.constant
