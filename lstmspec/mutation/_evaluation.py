"""The shape that an operation has of arrays: by the strict rule, and by NumPy.

Invariant: both are asked, and must say one shape. A refusal of NumPy alone is a fault of the judge.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from ..nodes import Name, Node, subnodes
from ..ops import TABLE
from ..sizes import Size
from . import _rules
from ._needs import Decided, Length, at
from ._rules import Attributes

L = TypeVar("L", bound=Length)


class Different(AssertionError):
    """Raised when two ways to the same shape disagree: the judge itself is wrong."""


@functools.cache
def evaluated(op: str, attrs: Attributes, shapes: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """The shape of an operation on arrays of these shapes. Raises Refused, and Different where NumPy differs.

    No operation's shape depends on values, so one evaluation for each operation and shapes is enough.
    """
    ruled = at(_rules.RULES[op](Decided(), attrs, *shapes), {})
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


def shape_of(
    root: Node,
    names: Mapping[Name, tuple[L, ...]],
    sizes: Mapping[str, int],
    apply: Callable[[str, Attributes, Sequence[tuple[L, ...]]], tuple[L, ...]],
) -> tuple[L, ...]:
    """The shape of an expression over names of these shapes, by `apply` for each operation."""
    known: dict[Node, tuple[L, ...]] = {}
    for node in subnodes(root):
        if node.op == "ref":
            known[node] = names[node.name]
        else:
            attrs = tuple(attr.at(sizes) if isinstance(attr, Size) else attr for attr in node.attrs)
            known[node] = apply(node.op, attrs, [known[arg] for arg in node.args])
    return known[root]
