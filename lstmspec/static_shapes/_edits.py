"""Edits of expressions that change a shape for certain: nothing is known of the cell, nor of how it is printed.

An edit is tried on each part of an expression, but not below what makes the change disappear: a sum over the features
is the same shape whatever it is a sum of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from ..procedure import (
    Apply,
    At,
    Contraction,
    Expand,
    Expr,
    Lead,
    Local,
    Product,
    Read,
    Spread,
    Total,
    rebuilt,
)
from ..sizes import Size

ONE = Size.of(1)
HIDING = ("sum", "mean", "slice", "fold")  # of another shape than that of what they are applied to


@dataclass(frozen=True)
class Around:
    """What stands around a statement: what it and those before it read and compute, and what any one does."""

    earlier: tuple[Expr, ...]
    everywhere: tuple[Expr, ...]


Rule = Callable[[Expr, Around], Expr | None]


def edited(expr: Expr, rule: Rule, around: Around, totalled: bool = False) -> Iterator[Expr]:
    """An expression with one part changed by a rule, one for each part that it changes; `totalled`: inside of a sum."""
    new = rule(expr, around)
    if new is not None and not (totalled and new.lead is not expr.lead):
        yield new
    if isinstance(expr, Apply) and expr.op in HIDING:
        return
    totalled = totalled or isinstance(expr, Total)  # over how many steps does not show
    for place, operand in enumerate(expr.operands):
        for other in edited(operand, rule, around, totalled):
            yield rebuilt(expr, (*expr.operands[:place], other, *expr.operands[place + 1 :]))


# -- rules -------------------------------------------------------------------------------------------------------------


def transposed(expr: Expr, around: Around) -> Expr | None:
    """A product with a weight the other way round."""
    if not isinstance(expr, Product) or expr.kind is not Contraction.MATMUL:
        return None
    for factor in (expr.left, expr.right):
        if factor.lead is Lead.NONE and len(factor.shape) == 2 and factor.shape[0] != factor.shape[1]:
            left, right = expr.turned
            return replace(expr, turned=(not left, right) if factor is expr.left else (left, not right))
    return None


def outer_swapped(expr: Expr, around: Around) -> Expr | None:
    """An outer product of the other with the one."""
    if isinstance(expr, Product) and expr.kind is Contraction.OUTER and expr.left.shape != expr.right.shape:
        return replace(expr, left=expr.right, right=expr.left)
    return None


def narrowed(expr: Expr, around: Around) -> Expr | None:
    """A slice that ends one too early."""
    if not isinstance(expr, Apply) or expr.op != "slice":
        return None
    axis, start, stop = cast(tuple[int, Size, Size], expr.attrs)
    return replace(expr, attrs=(axis, start, stop - ONE))


def resliced(expr: Expr, around: Around) -> Expr | None:
    """The slice of another width that another statement takes of such an array."""
    if not isinstance(expr, Apply) or expr.op != "slice":
        return None
    for other in around.everywhere:
        if isinstance(other, Apply) and other.op == "slice" and other.args[0].shape == expr.args[0].shape:
            if other.attrs[0] == expr.attrs[0] and other.shape != expr.shape:
                return replace(expr, attrs=other.attrs)
    return None


def all_steps(expr: Expr, around: Around) -> Expr | None:
    """The values of all steps for that of one."""
    if isinstance(expr, Read) and expr.at in (At.STEP, At.STEP_AFTER):
        return replace(expr, at=At.WHOLE, lead=expr.buffer.lead)
    return None


def whole_history(expr: Expr, around: Around) -> Expr | None:
    """All values of a state, of which there is one more than there are steps."""
    if isinstance(expr, Read) and expr.at in (At.STEPS, At.STEPS_AFTER):
        return replace(expr, at=At.WHOLE, lead=expr.buffer.lead)
    return None


def unsummed(expr: Expr, around: Around) -> Expr | None:
    """No sum over time and batch."""
    if isinstance(expr, Total):
        return expr.arg
    if isinstance(expr, Product) and expr.summed:
        return replace(expr, summed=False, lead=expr.left.lead)
    return None


def shortened(expr: Expr, around: Around) -> Expr | None:
    """A concatenation without its last part."""
    if isinstance(expr, Apply) and expr.op == "concat" and len(expr.args) > 1:
        return replace(expr, args=expr.args[:-1])
    return None


def replaced(expr: Expr, around: Around) -> Expr | None:
    """Another array in place of one that has another size."""
    if not isinstance(expr, Local | Read) or not expr.shape or ONE in expr.shape:
        return None
    for other in around.earlier:
        if isinstance(other, Local | Read) and other.lead is expr.lead and len(other.shape) == len(expr.shape):
            if other.shape != expr.shape and ONE not in other.shape:
                return other
    return None


def not_spread(expr: Expr, around: Around) -> Expr | None:
    """A scalar of each sample without the axes that let it stand for all features."""
    return expr.arg if isinstance(expr, Spread) else None


def not_expanded(expr: Expr, around: Around) -> Expr | None:
    """A value that is the same for all samples, as it is."""
    return expr.arg if isinstance(expr, Expand) else None


RULES: dict[str, Rule] = {
    "a factor transposed": transposed,
    "an outer product the other way round": outer_swapped,
    "a slice too narrow": narrowed,
    "a slice taken for another": resliced,
    "all steps read for one": all_steps,
    "one entry too many read": whole_history,
    "no sum over time and batch": unsummed,
    "a part of a concatenation left out": shortened,
    "an operand replaced": replaced,
    "a scalar not spread": not_spread,
    "a value not expanded": not_expanded,
}
