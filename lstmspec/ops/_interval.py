"""The values that an expression can have, as intervals: what is bounded, what is positive, what can be zero.

Invariant: an interval holds every value; it may hold more. `open` ends are not reached: sigmoid is in (0, 1), so its
logarithm exists, though floating point may round it to 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers between two, with the ends unless they are open, which matters for finite ones alone.

    Of features that are not negative, `total` is what they sum to at most: 1 for a softmax.
    """

    low: float = -INFINITY
    high: float = INFINITY
    low_open: bool = False
    high_open: bool = False
    total: float = INFINITY

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return self.low > -INFINITY and self.high < INFINITY

    @property
    def is_positive(self) -> bool:
        """Whether it has nothing at or below 0."""
        return self.low > 0 or (self.low == 0 and self.low_open)

    @property
    def is_nonzero(self) -> bool:
        """Whether it does not have 0."""
        return self.is_positive or (-self).is_positive

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low, self.high + other.high,
            self.low_open or other.low_open, self.high_open or other.high_open,
        )  # fmt: skip

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        corners = [_corner(u, v) for u in self._ends() for v in other._ends()]
        return _spanned(corners)

    def __or__(self, other: Interval) -> Interval:
        """The smallest interval with both."""
        return _spanned([*self._ends(), *other._ends()])

    def inverse(self) -> Interval:
        """1 / u; everything where u can be 0."""
        if not self.is_nonzero:
            return ANY
        low, high = (1 / end if end else math.copysign(INFINITY, self.low + self.high) for end in (self.high, self.low))
        return Interval(low, high, self.high_open or math.isinf(self.high), self.low_open or math.isinf(self.low))

    def through(self, function: Callable[[float], float]) -> Interval:
        """The image under a function that never falls."""
        return Interval(function(self.low), function(self.high), self.low_open, self.high_open)

    def _ends(self) -> tuple[tuple[float, bool], tuple[float, bool]]:
        return (self.low, self.low_open), (self.high, self.high_open)


ANY = Interval()
POSITIVE = Interval(0.0, INFINITY, low_open=True)
UNIT = Interval(0.0, 1.0, low_open=True, high_open=True)
SIGNED_UNIT = Interval(-1.0, 1.0, low_open=True, high_open=True)


def point(value: float) -> Interval:
    """One number."""
    return Interval(value, value)


def absolute(u: Interval) -> Interval:
    """|u|"""
    if u.low >= 0:
        return u
    if u.high <= 0:
        return -u
    # The farther end is the bound; where both are as far, it is reached if either is.
    ends = [(-u.low, u.low_open), (u.high, u.high_open)]
    high = max(end for end, _ in ends)
    return Interval(0.0, high, False, all(is_open for end, is_open in ends if end == high))


def larger(u: Interval, v: Interval) -> Interval:
    """max(u, v)"""
    low, high = max(u._ends()[0], v._ends()[0]), max(u._ends()[1], (v._ends()[1]), key=lambda end: (end[0], not end[1]))
    return Interval(low[0], high[0], low[1], high[1])


def smaller(u: Interval, v: Interval) -> Interval:
    """min(u, v)"""
    return -larger(-u, -v)


def power(u: Interval, v: Interval) -> Interval:
    """u**v, for whole exponents and for bases that are not negative."""
    if v.low == v.high and v.low.is_integer() and 0 < v.low <= 64:
        whole = int(v.low)
        return (absolute(u) if whole % 2 == 0 else u).through(lambda end: _raised(end, whole))
    if u.is_positive:
        if u.high <= 1 and v.low >= 0:
            return UNIT if v.is_positive and u.high_open else Interval(0.0, 1.0, low_open=True)
        return POSITIVE
    return Interval(0.0) if u.low >= 0 and v.low >= 0 else ANY


def _raised(end: float, whole: int) -> float:
    try:
        return end**whole
    except OverflowError:  # beyond what floats hold
        return INFINITY if end > 0 or whole % 2 == 0 else -INFINITY


def _corner(u: tuple[float, bool], v: tuple[float, bool]) -> tuple[float, bool]:
    # 0 times anything is 0, and a 0 that is reached makes the product's 0 reached whatever the other factor does.
    value = 0.0 if 0 in (u[0], v[0]) else u[0] * v[0]
    return value, (u[1] and v != (0.0, False)) or (v[1] and u != (0.0, False))


def _spanned(ends: list[tuple[float, bool]]) -> Interval:
    low, high = min(end[0] for end in ends), max(end[0] for end in ends)
    low_open = all(is_open for value, is_open in ends if value == low)
    high_open = all(is_open for value, is_open in ends if value == high)
    return Interval(low, high, low_open, high_open)
