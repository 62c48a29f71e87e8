"""The rules of shapes, strictly: no broadcasting and no clipping, where NumPy has both.

Invariant: nothing here asks the checker. Each rule has the arguments `(needs, attributes, *shapes of the operands)`,
where sizes among the attributes are numbers already.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Mapping

from ..ops import TABLE
from ._needs import Lengths, Needs, Refused

Attributes = tuple[Hashable, ...]
INTERNAL = frozenset({"pad", "diag", "diagonal", "fold", "spread"})  # only derivatives have them


def _whole_numbers(attrs: Attributes) -> tuple[int, ...]:
    found = tuple(attr for attr in attrs if isinstance(attr, int))
    if len(found) < len(attrs):
        raise TypeError(f"attributes {attrs}; expected sizes, as numbers")
    return found


def _rank(shape: Lengths, *ranks: int) -> None:
    if len(shape) not in ranks:
        raise Refused(f"rank {len(shape)}, not {' or '.join(map(str, ranks))}")


def _elementwise(needs: Needs, attrs: Attributes, *shapes: Lengths) -> Lengths:
    spread = [shape for shape in shapes if shape]
    for shape in spread[1:]:
        _rank(shape, len(spread[0]))
        for left, right in zip(spread[0], shape, strict=True):
            needs.equal(left, right)
    return spread[0] if spread else ()


def _matmul(needs: Needs, attrs: Attributes, left: Lengths, right: Lengths) -> Lengths:
    _rank(left, 2)
    _rank(right, 1, 2)
    needs.equal(left[1], right[0])
    return (left[0], *right[1:])


def _transpose(needs: Needs, attrs: Attributes, matrix: Lengths) -> Lengths:
    _rank(matrix, 2)
    return matrix[::-1]


def _concat(needs: Needs, attrs: Attributes, *parts: Lengths) -> Lengths:
    _rank(parts[0], 1, 2)
    for part in parts[1:]:
        _rank(part, len(parts[0]))
        for left, right in zip(parts[0][1:], part[1:], strict=True):
            needs.equal(left, right)
    return (functools.reduce(operator.add, [part[0] for part in parts]), *parts[0][1:])


def _slice(needs: Needs, attrs: Attributes, whole: Lengths) -> Lengths:
    axis, start, stop = _whole_numbers(attrs)
    if len(whole) <= axis:
        raise Refused(f"no axis {axis}")
    needs.at_most(0, start)
    needs.at_most(start + 1, stop)
    needs.at_most(stop, whole[axis])
    return (*whole[:axis], stop - start, *whole[axis + 1 :])


def _outer(needs: Needs, attrs: Attributes, left: Lengths, right: Lengths) -> Lengths:
    _rank(left, 1)
    _rank(right, 1)
    return (*left, *right)


def _dot(needs: Needs, attrs: Attributes, left: Lengths, right: Lengths) -> Lengths:
    _rank(left, 1)
    _rank(right, 1)
    needs.equal(left[0], right[0])
    return ()


def _along(needs: Needs, attrs: Attributes, whole: Lengths) -> Lengths:
    _rank(whole, 1)
    return whole


def _mean(needs: Needs, attrs: Attributes, whole: Lengths) -> Lengths:
    _rank(whole, 1)
    return ()


def _repeat(needs: Needs, attrs: Attributes, whole: Lengths) -> Lengths:
    _rank(whole, 1)
    (count,) = _whole_numbers(attrs)
    needs.at_most(1, count)
    return (whole[0] * count,)


def _filled(needs: Needs, attrs: Attributes) -> Lengths:
    shape = _whole_numbers(attrs)
    for size in shape:
        needs.at_most(1, size)
    return shape


RULES: Mapping[str, Callable[..., Lengths]] = {
    "matmul": _matmul,
    "transpose": _transpose,
    "concat": _concat,
    "slice": _slice,
    "outer": _outer,
    "dot": _dot,
    "sum": lambda needs, attrs, whole: (),
    "softmax": _along,
    "cumsum": _along,
    "mean": _mean,
    "repeat": _repeat,
    "size": lambda needs, attrs: (),
    "ones": _filled,
    "zeros": _filled,
    "number": lambda needs, attrs: (),
    **{name: _elementwise for name, op in TABLE.items() if op.scalar is not None or name == "elementwise"},
}
