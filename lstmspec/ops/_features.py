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
from ..dims import Shape, Size, sympy_from
from ..nodes import Node
from . import _build as b
from ._interval import INFINITY, Interval
from ._linear import total_bounds
from ._op import AnyShape, Mismatch, Op, ShapeOf, Solver, register


def _row(
    name: str,
    shape: Callable[[Solver, Node, Sequence[AnyShape]], AnyShape],
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]],
    evaluate: Callable[..., Any],
    symbolic: Callable[..., sympy.Expr],
    bounds: Callable[..., Interval],
    arity: int = 1,
) -> None:
    register(Op(name=name, arity=arity, shape=shape, vjp=vjp, evaluate=evaluate, symbolic=symbolic, bounds=bounds))


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
    part = whole.divided_by(count) if len(count.terms) == 1 else None
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
    return [b.mul(b.div(ct, Node("size", (), (size,))), b.ones(size))]


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


def _ones_row(u: sympy.Expr) -> sympy.Expr:
    return sympy.OneMatrix(1, u.shape[0])


def _softmax_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    e = u.applyfunc(sympy.exp)
    return sympy.MatMul(1 / sympy.Trace(sympy.MatMul(_ones_row(u), e, evaluate=False)), e, evaluate=False)


def _cumsum_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    i, j = sympy.symbols("i j", integer=True)
    lower = sympy.Lambda((i, j), sympy.Piecewise((1, j <= i), (0, True)))
    return sympy.MatMul(sympy.FunctionMatrix(u.shape[0], u.shape[0], lower), u, evaluate=False)


def _groups(node: Node, groups: sympy.Expr) -> sympy.Expr:
    """The matrix with a row for each unit and a 1 in the column of its group."""
    i, j = sympy.symbols("i j", integer=True)
    count = sympy_from(cast(Size, node.attrs[0]))
    member = sympy.Lambda((i, j), sympy.Piecewise((1, sympy.Eq(sympy.floor(i / count), j)), (0, True)))
    return sympy.FunctionMatrix(groups * count, groups, member)


def _fold_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    groups = sympy.cancel(u.shape[0] / sympy_from(cast(Size, node.attrs[0])))
    return sympy.MatMul(sympy.Transpose(_groups(node, groups)), u, evaluate=False)


def _each(u: Interval) -> Interval:
    """Values of the same range, whatever they sum to."""
    return replace(u, total=INFINITY)


# -- rows --------------------------------------------------------------------------------------------------------------

_row("softmax", _vector, _softmax_vjp, _softmax, _softmax_symbolic,
     lambda u: Interval(0.0, 1.0, low_open=True, total=1.0))  # fmt: skip
_row("cumsum", _vector, _cumsum_vjp,
     lambda node, u: np.cumsum(u), _cumsum_symbolic, total_bounds)  # fmt: skip
_row("mean", _scalar_of_vector, _mean_vjp,
     lambda node, u: u.mean(),
     lambda node, u: sympy.Trace(sympy.MatMul(_ones_row(u), u, evaluate=False)) / u.shape[0],
     _each)  # fmt: skip
_row("repeat", _repeated, _repeat_vjp,
     lambda node, u: np.repeat(u, _count(node)),
     lambda node, u: sympy.MatMul(_groups(node, u.shape[0]), u, evaluate=False),
     _each)  # fmt: skip
_row("fold", _folded, _fold_vjp,
     lambda node, u: u.reshape(-1, _count(node)).sum(axis=1), _fold_symbolic, total_bounds)  # fmt: skip
_row("size", _number, lambda node, ans, ct, shape: [],
     lambda node: np.asarray(float(_count(node))),
     lambda node: sympy_from(cast(Size, node.attrs[0])),
     lambda: Interval(1.0), arity=0)  # fmt: skip
