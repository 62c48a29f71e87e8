"""Operations that move, join and contract: products, concatenation, slices, sums; a row each.

Shapes: a scalar is (), a vector (size), a matrix (rows, columns). In SymPy a vector is a matrix of one column.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import sympy

from ..diagnostics import Code
from ..nodes import Node
from ..sizes import Shape, Size, sympy_from
from . import _build as b
from ._interval import INFINITY, Interval, point
from ._matrix import ones_row, only_element
from ._op import AnyShape, Mismatch, Op, ShapeOf, Solver, register

ZERO = Size.of(0)


def _row(
    name: str,
    operands: str,
    shape: Callable[[Solver, Node, Sequence[AnyShape]], AnyShape],
    vjp: Callable[[Node, Node, Node, ShapeOf], Sequence[Node | None]],
    evaluate: Callable[..., Any],
    symbolic: Callable[..., sympy.Expr],
    bounds: Callable[..., Interval] | None = None,
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


def _same(u: Interval) -> Interval:
    return u


def _any_of(*parts: Interval) -> Interval:
    return functools.reduce(Interval.__or__, parts)


def _or_zero(u: Interval) -> Interval:
    return u | point(0.0)


def total_bounds(u: Interval) -> Interval:
    """A sum of some of them: the sign stays, and what all sum to is not exceeded."""
    if u.low >= 0:
        return Interval(u.low, u.total, u.low_open)
    return Interval(-INFINITY, u.high, high_open=u.high_open) if u.high <= 0 else Interval()


def _no_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[None]:
    return []


# -- shape rules -----------------------------------------------------------------------------------------------------


def _matmul_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    rows, inner = solver.matrix(shapes[0], "the left operand of `@`")
    right = solver.ranked(shapes[1])
    if not right:
        raise Mismatch(Code.LS106, "the right operand of `@` is a scalar")
    solver.equate(inner, right[0], Code.LS102, "operands of `@` do not agree")
    return (rows, *right[1:])


def _concat_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    ranked = [solver.ranked(shape) for shape in shapes]
    if any(len(shape) != len(ranked[0]) or not shape for shape in ranked):
        raise Mismatch(Code.LS106, "concat joins vectors, or matrices with equal columns")
    for shape in ranked[1:]:
        for own, other in zip(ranked[0][1:], shape[1:], strict=True):
            solver.equate(own, other, Code.LS101, "columns of concat's operands do not agree")
    return (functools.reduce(Size.__add__, [shape[0] for shape in ranked]), *ranked[0][1:])


def _slice_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    axis, start, stop = cast(tuple[int, Size, Size], node.attrs)
    shape = solver.ranked(shapes[0])
    if len(shape) <= axis:
        raise Mismatch(Code.LS106, "a slice needs a vector or a matrix")
    what = (
        f"slice {start}:{stop} does not fit into size {shape[axis]}"
        if not shape[axis].unknowns
        else "a slice is too long"
    )
    solver.at_most(start + Size.of(1), stop, Code.LS107, f"slice {start}:{stop} is empty")
    solver.at_most(stop, shape[axis], Code.LS107, what)
    return (*shape[:axis], stop - start, *shape[axis + 1 :])


def _pad_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    axis, _, _, whole = cast(tuple[int, Size, Size, Size], node.attrs)
    shape = solver.ranked(shapes[0])
    return (*shape[:axis], whole, *shape[axis + 1 :])


def _transpose_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    rows, columns = solver.matrix(shapes[0], "the operand of .T")
    return (columns, rows)


def _outer_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    return (solver.vector(shapes[0], "outer's left operand"), solver.vector(shapes[1], "outer's right operand"))


def _dot_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    left = solver.vector(shapes[0], "dot's left operand")
    right = solver.vector(shapes[1], "dot's right operand")
    solver.equate(left, right, Code.LS102, "operands of dot do not agree")
    return ()


def _sum_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    solver.ranked(shapes[0])
    return ()


def _diag_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    size = solver.vector(shapes[0], "diag's operand")
    return (size, size)


def _diagonal_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    rows, columns = solver.matrix(shapes[0], "diagonal's operand")
    solver.equate(rows, columns, Code.LS101, "diagonal needs a square matrix")
    return (rows,)


def _spread_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    if solver.ranked(shapes[0]) != ():
        raise Mismatch(Code.LS106, "only a scalar is spread")
    return cast(Shape, node.attrs)


def _named_shape(solver: Solver, node: Node, shapes: Sequence[AnyShape]) -> Shape:
    return cast(Shape, node.attrs)


# -- derivatives -----------------------------------------------------------------------------------------------------


def _matmul_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    left, right = node.args
    if len(shape(right)) == 1:
        return [b.outer(ct, right), b.matmul(b.transpose(left), ct)]
    return [b.matmul(ct, b.transpose(right)), b.matmul(b.transpose(left), ct)]


def _concat_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    cotangents: list[Node | None] = []
    start = ZERO
    for arg in node.args:
        stop = start + shape(arg)[0]
        cotangents.append(b.cut(ct, 0, start, stop))
        start = stop
    return cotangents


def _slice_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    axis, start, stop = cast(tuple[int, Size, Size], node.attrs)
    return [b.pad(ct, axis, start, stop, shape(node.args[0])[axis])]


def _pad_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    axis, start, stop, _ = cast(tuple[int, Size, Size, Size], node.attrs)
    return [b.cut(ct, axis, start, stop)]


def _outer_vjp(node: Node, ans: Node, ct: Node, shape: ShapeOf) -> list[Node | None]:
    return [b.matmul(ct, node.args[1]), b.matmul(b.transpose(ct), node.args[0])]


# -- evaluation and SymPy forms --------------------------------------------------------------------------------------


def _concrete(node: Node) -> tuple[Any, ...]:
    """Sizes among the attributes as numbers; the oracle binds them before it evaluates."""
    return tuple(attr.constant if isinstance(attr, Size) else attr for attr in node.attrs)


def _slice_of(node: Node, rank: int) -> tuple[slice, ...]:
    axis, start, stop = _concrete(node)
    return tuple(slice(start, stop) if place == axis else slice(None) for place in range(rank))


def _pad_evaluate(node: Node, u: Any) -> Any:
    axis, start, stop, whole = _concrete(node)
    widths = [(start, whole - stop) if place == axis else (0, 0) for place in range(u.ndim)]
    return np.pad(u, widths)


def _slice_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    axis, start, stop = cast(tuple[int, Size, Size], node.attrs)
    cut = (sympy_from(start), sympy_from(stop))
    return u[cut[0] : cut[1], :] if axis == 0 else u[:, cut[0] : cut[1]]


def _pad_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    axis, start, stop, whole = cast(tuple[int, Size, Size, Size], node.attrs)
    before, after = sympy_from(start), sympy_from(whole - stop)
    across = u.shape[1 - axis]
    blocks = []
    for size, block in ((before, None), (u.shape[axis], u), (after, None)):
        if size != 0:
            blocks.append(block if block is not None else sympy.ZeroMatrix(*((size, across), (across, size))[axis]))
    return sympy.BlockMatrix([[block] for block in blocks] if axis == 0 else [blocks])


def _columns(shape: Sequence[object]) -> tuple[sympy.Expr, sympy.Expr]:
    sizes = [sympy_from(cast(Size, size)) for size in shape]
    return (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], sympy.Integer(1))


def _contract(u: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
    return sympy.MatMul(sympy.Transpose(u), v, evaluate=False)


def _sum_symbolic(node: Node, u: sympy.Expr) -> sympy.Expr:
    if not u.is_Matrix:
        return u
    each = [ones_row(u), u] + ([sympy.OneMatrix(u.shape[1], 1)] if u.shape[1] != 1 else [])
    return only_element(sympy.MatMul(*each, evaluate=False))


# -- rows ------------------------------------------------------------------------------------------------------------

_row("matmul", "u v", _matmul_shape, _matmul_vjp,
     lambda node, u, v: u @ v,
     lambda node, u, v: sympy.MatMul(u, v, evaluate=False))  # fmt: skip
_row("transpose", "u", _transpose_shape,
     lambda node, ans, ct, shape: [b.transpose(ct)],
     lambda node, u: u.T,
     lambda node, u: sympy.Transpose(u), _same)  # fmt: skip
_row("concat", "*parts", _concat_shape, _concat_vjp,
     lambda node, *parts: np.concatenate(parts),
     lambda node, *parts: sympy.BlockMatrix([[part] for part in parts]), _any_of,
     doc="Vectors below one another: sizes n and k give n+k.")  # fmt: skip
_row("slice", "u", _slice_shape, _slice_vjp,
     lambda node, u: u[_slice_of(node, u.ndim)], _slice_symbolic, _same)  # fmt: skip
_row("pad", "u", _pad_shape, _pad_vjp, _pad_evaluate, _pad_symbolic, _or_zero)
_row("outer", "u v", _outer_shape, _outer_vjp,
     lambda node, u, v: u[:, None] * v[None, :],
     lambda node, u, v: sympy.MatMul(u, sympy.Transpose(v), evaluate=False), Interval.__mul__,
     doc="The matrix u vᵀ of two vectors.")  # fmt: skip
_row("dot", "u v", _dot_shape,
     lambda node, ans, ct, shape: [b.mul(ct, node.args[1]), b.mul(ct, node.args[0])],
     lambda node, u, v: (u * v).sum(),
     lambda node, u, v: only_element(_contract(u, v)), lambda u, v: total_bounds(u * v),
     doc="The scalar product Σ u_j v_j of two vectors.")  # fmt: skip
_row("sum", "u", _sum_shape,
     lambda node, ans, ct, shape: [b.spread(ct, shape(node.args[0]))],
     lambda node, u: u.sum(), _sum_symbolic, total_bounds,
     doc="The sum over the features, a scalar.")  # fmt: skip
_row("spread", "u", _spread_shape,
     lambda node, ans, ct, shape: [b.total(ct)],
     lambda node, u: np.broadcast_to(u, _concrete(node)),
     lambda node, u: sympy.MatMul(u, sympy.OneMatrix(*_columns(node.attrs)), evaluate=False), _same)  # fmt: skip
_row("diag", "u", _diag_shape,
     lambda node, ans, ct, shape: [Node("diagonal", (ct,))],
     lambda node, u: np.diag(u),
     lambda node, u: sympy.DiagMatrix(u), _or_zero)  # fmt: skip
_row("diagonal", "u", _diagonal_shape,
     lambda node, ans, ct, shape: [Node("diag", (ct,))],
     lambda node, u: np.diagonal(u),
     lambda node, u: sympy.DiagonalOf(u), _same)  # fmt: skip
_row("ones", "", _named_shape, _no_vjp,
     lambda node: np.ones(_concrete(node)),
     lambda node: sympy.OneMatrix(*_columns(node.attrs)), lambda: point(1.0),
     sizes="*shape", doc="A vector `ones(k)` or matrix `ones(k, n)` of ones.")  # fmt: skip
_row("zeros", "", _named_shape, _no_vjp,
     lambda node: np.zeros(_concrete(node)),
     lambda node: sympy.ZeroMatrix(*_columns(node.attrs)), lambda: point(0.0),
     sizes="*shape", doc="A vector `zeros(k)` or matrix `zeros(k, n)` of zeros.")  # fmt: skip
