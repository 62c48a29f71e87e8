"""Operations along the features of a vector: softmax, cumulative sum, mean, repetition; sizes as numbers; a row each.

A gate that is a distribution over the units, one that is monotone in them, one that several units share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import sympy

from ..diagnostics import Code
from ..nodes import Node
from ..sizes import Shape, Size, sympy_from
from . import _build as b
from ._interval import INFINITY, Interval
from ._linear import total_bounds
from ._matrix import COLUMN, ROW, ones_row, only_element, pointwise
from ._op import AnyShape, Mismatch, Op, ShapeOf, Solver, register


def _row(
    name: str,
    operands: str,
    shape: Callable[[Solver, Node, Sequence[AnyShape]], AnyShape],
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]],
    evaluate: Callable[..., Any],
    symbolic: Callable[..., sympy.Expr],
    bounds: Callable[..., Interval],
    sizes: str = "",
    doc: str = "",
) -> None:
    register(
        Op(
            name=name,
            operands=tuple(operands.split()),
            shape=shape,
            vjp=vjp,
            evaluate=evaluate,
            symbolic=symbolic,
            bounds=bounds,
            sizes=tuple(sizes.split()),
            doc=doc,
        )
    )


# -- shapes ------------------------------------------------------------------------------------------------------------


def _vector(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    return (solver.vector(shapes[0], f"{node.op}'s operand"),)


def _scalar_of_vector(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    solver.vector(shapes[0], f"{node.op}'s operand")
    return ()


def _repeated(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    (count,) = cast(tuple[Size], node.attrs)
    return (solver.vector(shapes[0], "repeat's operand") * count,)


def _folded(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    (count,) = cast(tuple[Size], node.attrs)
    whole = solver.size(solver.vector(shapes[0], "fold's operand"))
    part = whole.divided_by(count)
    if part is None:
        raise Mismatch(Code.LS108, f"{whole} features are not {count} to a group for every size")
    return (part,)


def _number(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    return ()


# -- derivatives -------------------------------------------------------------------------------------------------------


def _softmax_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    # y (ct - ct·y): the Jacobian diag(y) - y yᵀ is symmetric.
    return [b.mul(ans, b.sub(ct, Node("dot", (ct, ans))))]


def _cumsum_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    # The sum of what follows: all, less what is before and the element itself, plus the element.
    return [b.add(b.sub(b.total(ct), Node("cumsum", (ct,))), ct)]


def _mean_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    (size,) = shape(node.args[0])
    return [b.spread(b.div(ct, Node("size", (), (size,))), (size,))]


def _repeat_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    return [Node("fold", (ct,), node.attrs)]


def _fold_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    return [Node("repeat", (ct,), node.attrs)]


# -- evaluation and SymPy forms ----------------------------------------------------------------------------------------


def _count(node: Node) -> int:
    count = node.attrs[0]  # the oracle binds sizes before it evaluates
    return cast(int, count.constant if isinstance(count, Size) else count)


def _softmax(node: Node, u: Any) -> Any:
    e = np.exp(u - u.real.max(initial=-np.inf))  # the real part: complex steps go through
    return e / e.sum()


def _sum_of(u: sympy.Expr) -> sympy.Expr:
    return only_element(sympy.MatMul(ones_row(u), u, evaluate=False))


def _softmax_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    total = _sum_of(pointwise(sympy.exp, [u]))
    return pointwise(lambda each: sympy.exp(each) / total, [u])


def _cumsum_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    lower = sympy.Lambda((ROW, COLUMN), sympy.Piecewise((1, COLUMN <= ROW), (0, True)))
    return sympy.MatMul(sympy.FunctionMatrix(u.shape[0], u.shape[0], lower), u, evaluate=False)


def _repeat_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    return sympy.KroneckerProduct(u, sympy.OneMatrix(sympy_from(cast(Size, node.attrs[0])), 1))


def _fold_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    count = sympy_from(cast(Size, node.attrs[0]))
    groups = sympy.Identity(sympy.cancel(u.shape[0] / count))
    return sympy.MatMul(sympy.KroneckerProduct(groups, sympy.OneMatrix(1, count)), u, evaluate=False)


def _each(u: Interval) -> Interval:
    """Values of the same range, whatever they sum to."""
    return replace(u, total=INFINITY)


# -- rows --------------------------------------------------------------------------------------------------------------

_row("softmax", "u", _vector, _softmax_vjp, _softmax, _softmax_symbolic,
     lambda u: Interval(0.0, 1.0, low_open=True, total=1.0),
     doc="exp(u_j) / Σ exp(u_i) over the features, without overflow; a vector that sums to one.")  # fmt: skip
_row("cumsum", "u", _vector, _cumsum_vjp,
     lambda node, u: np.cumsum(u), _cumsum_symbolic, total_bounds,
     doc="The sums u_1, u_1 + u_2, … over the features; of a softmax a gate that rises from 0 to 1.")  # fmt: skip
_row("mean", "u", _scalar_of_vector, _mean_vjp,
     lambda node, u: u.mean(),
     lambda node, u: _sum_of(u) / u.shape[0],
     _each, doc="The mean over the features of a vector, a scalar.")  # fmt: skip
_row("repeat", "u", _repeated, _repeat_vjp,
     lambda node, u: np.repeat(u, _count(node)), _repeat_symbolic, _each,
     sizes="count",
     doc="Each feature `count` times in a row: K features give count*K, for units that share a gate.")  # fmt: skip
_row("fold", "u", _folded, _fold_vjp,
     lambda node, u: u.reshape(-1, _count(node)).sum(axis=1), _fold_symbolic, total_bounds)  # fmt: skip
_row("size", "", _number, lambda node, ans, ct, shape: [],
     lambda node: np.asarray(float(_count(node))),
     lambda node: sympy_from(cast(Size, node.attrs[0])),
     lambda: Interval(1.0),
     sizes="dimension",
     doc="A dimension as a number: `k / sqrt(size(d))`. In a shape a dimension is written as it is.")  # fmt: skip
