"""The rules of shapes, strictly: what NumPy would broadcast or clip, the language refuses.

Invariant: nothing here asks the checker. A rule only adds and compares sizes, so one rule serves numbers, where it says
whether arrays fit, and `Form`s, where it gathers the equations that unknown sizes must satisfy. For numbers NumPy
itself evaluates each operation beside the rule, and the two shapes must be one.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lstmspec.nodes import Node, subnodes
from lstmspec.ops import TABLE
from lstmspec.sizes import Size

AnySize = Any  # an int, or a Form
AnyShape = tuple[AnySize, ...]
INTERNAL = frozenset({"pad", "diag", "diagonal", "fold", "spread"})  # only derivatives have them


class Refused(Exception):
    """Raised when operands do not fit."""


class Different(AssertionError):
    """Raised when two ways to the same shape disagree: the oracle itself is wrong."""


class Needs(Protocol):
    """What a rule asks of sizes."""

    def equal(self, left: AnySize, right: AnySize) -> None:
        """Two sizes are one. Raises Refused where they cannot be."""

    def at_most(self, low: AnySize, high: AnySize) -> None:
        """One size is at most another. Raises Refused where it cannot be."""


class Numbers:
    """Sizes are numbers: every need is met or refused at once."""

    def equal(self, left: int, right: int) -> None:
        """Raise Refused unless they are equal."""
        if left != right:
            raise Refused(f"{left} is not {right}")

    def at_most(self, low: int, high: int) -> None:
        """Raise Refused unless the first is at most the second."""
        if low > high:
            raise Refused(f"{low} is more than {high}")


def _rank(shape: AnyShape, *ranks: int) -> None:
    if len(shape) not in ranks:
        raise Refused(f"rank {len(shape)}, not {' or '.join(map(str, ranks))}")


# -- a rule for each operation: needs, numbers among the attributes, shapes of the operands ----------------------------


def _elementwise(needs: Needs, attrs: tuple[Hashable, ...], *shapes: AnyShape) -> AnyShape:
    spread = [shape for shape in shapes if shape]
    for shape in spread[1:]:
        _rank(shape, len(spread[0]))
        for left, right in zip(spread[0], shape, strict=True):
            needs.equal(left, right)
    return spread[0] if spread else ()


def _matmul(needs: Needs, attrs: tuple[Hashable, ...], left: AnyShape, right: AnyShape) -> AnyShape:
    _rank(left, 2)
    _rank(right, 1, 2)
    needs.equal(left[1], right[0])
    return (left[0], *right[1:])


def _transpose(needs: Needs, attrs: tuple[Hashable, ...], matrix: AnyShape) -> AnyShape:
    _rank(matrix, 2)
    return matrix[::-1]


def _concat(needs: Needs, attrs: tuple[Hashable, ...], *parts: AnyShape) -> AnyShape:
    _rank(parts[0], 1, 2)
    for part in parts[1:]:
        _rank(part, len(parts[0]))
        for left, right in zip(parts[0][1:], part[1:], strict=True):
            needs.equal(left, right)
    return (functools.reduce(operator.add, [part[0] for part in parts]), *parts[0][1:])


def _slice(needs: Needs, attrs: tuple[Any, ...], whole: AnyShape) -> AnyShape:
    axis, start, stop = attrs
    if len(whole) <= axis:
        raise Refused(f"no axis {axis}")
    needs.at_most(0, start)
    needs.at_most(start + 1, stop)
    needs.at_most(stop, whole[axis])
    return (*whole[:axis], stop - start, *whole[axis + 1 :])


def _outer(needs: Needs, attrs: tuple[Hashable, ...], left: AnyShape, right: AnyShape) -> AnyShape:
    _rank(left, 1)
    _rank(right, 1)
    return (*left, *right)


def _dot(needs: Needs, attrs: tuple[Hashable, ...], left: AnyShape, right: AnyShape) -> AnyShape:
    _rank(left, 1)
    _rank(right, 1)
    needs.equal(left[0], right[0])
    return ()


def _along(needs: Needs, attrs: tuple[Hashable, ...], whole: AnyShape) -> AnyShape:
    _rank(whole, 1)
    return whole


def _mean(needs: Needs, attrs: tuple[Hashable, ...], whole: AnyShape) -> AnyShape:
    _rank(whole, 1)
    return ()


def _repeat(needs: Needs, attrs: tuple[Any, ...], whole: AnyShape) -> AnyShape:
    _rank(whole, 1)
    needs.at_most(1, attrs[0])
    return (whole[0] * attrs[0],)


def _filled(needs: Needs, attrs: tuple[Any, ...]) -> AnyShape:
    for size in attrs:
        needs.at_most(1, size)
    return attrs


RULES: Mapping[str, Callable[..., AnyShape]] = {
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


# -- evaluation --------------------------------------------------------------------------------------------------------


@functools.cache
def evaluated(op: str, attrs: tuple[Hashable, ...], shapes: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """The shape of what NumPy makes of arrays of these shapes. Raises Refused when the rule or NumPy does.

    No operation's shape depends on values, so one evaluation for each operation and shapes is enough.
    """
    ruled = RULES[op](Numbers(), attrs, *shapes)
    if op == "number":
        return ruled
    node = Node(op, (), attrs)
    with np.errstate(all="ignore"):
        try:
            value = np.asarray(TABLE[op].evaluate(node, *(np.full(shape, 0.5) for shape in shapes)))
        except (ValueError, IndexError) as error:
            raise Different(f"NumPy refuses {op}{attrs} of {shapes}, the rule does not: {error}") from error
    if value.shape != ruled:
        raise Different(f"{op}{attrs} of {shapes} is {value.shape}, the rule says {ruled}")
    return ruled


def attributes(node: Node, sizes: Mapping[str, int]) -> tuple[Hashable, ...]:
    """A node's attributes with sizes as numbers."""
    return tuple(attr.at(sizes) if isinstance(attr, Size) else attr for attr in node.attrs)


def shape_of(
    root: Node,
    names: Mapping[str, AnyShape],
    sizes: Mapping[str, int],
    apply: Callable[[str, tuple[Hashable, ...], Sequence[AnyShape]], AnyShape],
) -> AnyShape:
    """The shape of an expression over names of these shapes, by `apply` for each operation."""
    known: dict[Node, AnyShape] = {}
    for node in subnodes(root):
        if node.op == "ref":
            known[node] = names[node.name]
        else:
            known[node] = apply(node.op, attributes(node, sizes), [known[arg] for arg in node.args])
    return known[root]
