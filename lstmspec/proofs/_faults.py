"""Faults planted in a procedure, each in one place, as a wrong derivation, schedule or printer would make them."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sympy

from ..ops import TABLE
from ..procedure import (
    Apply,
    At,
    Buffer,
    Contraction,
    Expr,
    Fill,
    Lead,
    Local,
    Number,
    Procedure,
    Product,
    Read,
    Record,
    rebuilt,
    walk,
)

FACTOR = 1.001
OTHER_STEP = {
    At.STEP: At.STEP_AFTER,
    At.STEP_AFTER: At.STEP,
    At.STEPS: At.STEPS_AFTER,
    At.STEPS_AFTER: At.STEPS,
}


class Kind(enum.Enum):
    """The kinds of faults."""

    NUMBER = "another number"
    STEP = "a read at another step"
    VALUE = "another value of the same shape"
    OPERATION = "another operation"
    MISSING = "an operand or operation missing"
    ORDER = "operands in another order"
    SLICE = "another slice"
    TRANSPOSE = "another transpose"
    CARRY = "a carry that is not carried"
    FIRST = "another first value"
    DIRECTION = "the loop in the other direction"
    RESULT = "results in another order"


@dataclass(frozen=True)
class Fault:
    """A procedure with one fault: its kind, and where it is."""

    kind: Kind
    where: str
    procedure: Procedure

    def __str__(self) -> str:
        return f"{self.kind.value} in {self.where} of {self.procedure.name}"


def faults(procedure: Procedure) -> Iterator[Fault]:
    """Every fault of a procedure, in the order of its statements."""
    readable: dict[Expr, None] = {}
    for place, line in enumerate(procedure.assignments):
        for kind, value in _changed(line.value, (*readable, *_slices(procedure))):
            yield Fault(kind, str(line.label.name), procedure.with_value(place, value))
        readable |= dict.fromkeys(leaf for leaf in walk(line.value) if isinstance(leaf, Local | Read))
    yield from _of_loop(procedure)
    yield from _of_results(procedure)


def _slices(procedure: Procedure) -> Iterator[Expr]:
    parts = (part for line in procedure.assignments for part in walk(line.value))
    yield from dict.fromkeys(part for part in parts if isinstance(part, Apply) and part.op == "slice")


def _of_loop(procedure: Procedure) -> Iterator[Fault]:
    loop = procedure.loop
    for place, carry in enumerate(loop.carries):
        others = loop.carries[:place], loop.carries[place + 1 :]
        changes = [(Kind.CARRY, replace(carry, after=carry.target))] if carry.after != carry.target else []
        if not (isinstance(carry.first, Fill) and carry.first.value == 0):
            changes.append((Kind.FIRST, replace(carry, first=Fill(carry.first.shape, Lead.BATCH, 0.0))))
        for kind, changed in changes:
            carries = (*others[0], changed, *others[1])
            yield Fault(kind, carry.target.name, replace(procedure, loop=replace(loop, carries=carries)))
    # The other way a history has an entry that nobody sets: memory as it is found, which may be the right values.
    if procedure.has_steps and all(allocate.first is None for allocate in procedure.allocations):
        yield Fault(Kind.DIRECTION, "the loop", replace(procedure, loop=replace(loop, reverse=not loop.reverse)))


def _of_results(procedure: Procedure) -> Iterator[Fault]:
    for place, result in enumerate(procedure.results):
        buffers = result.type.fields if isinstance(result.type, Record) else (result.type,)
        for second in range(len(buffers)):
            for first in range(second):
                if _alike(buffers[first], buffers[second]) and result.values[first] != result.values[second]:
                    values = list(result.values)
                    values[first], values[second] = values[second], values[first]
                    changed = replace(result, values=tuple(values))
                    results = (*procedure.results[:place], changed, *procedure.results[place + 1 :])
                    yield Fault(Kind.RESULT, result.name, replace(procedure, results=results))


def _alike(one: Buffer | Expr, other: Buffer | Expr) -> bool:
    return one.shape == other.shape and one.lead == other.lead


def _changed(root: Expr, readable: Sequence[Expr]) -> Iterator[tuple[Kind, Expr]]:
    """An expression with one change, at its root or in an operand."""
    yield from _changed_here(root, readable)
    for place, operand in enumerate(root.operands):
        for kind, new in _changed(operand, readable):
            yield kind, rebuilt(root, (*root.operands[:place], new, *root.operands[place + 1 :]))


def _changed_here(expr: Expr, readable: Sequence[Expr]) -> Iterator[tuple[Kind, Expr]]:
    if isinstance(expr, Number):
        yield Kind.NUMBER, replace(expr, value=FACTOR * expr.value if expr.value else FACTOR - 1)
    if isinstance(expr, Fill):
        yield Kind.NUMBER, replace(expr, value=1 - expr.value)
    if isinstance(expr, Read) and expr.at in OTHER_STEP and expr.buffer.lead is Lead.HISTORY:
        yield Kind.STEP, replace(expr, at=OTHER_STEP[expr.at])
    if isinstance(expr, Local | Read):
        leaves = (leaf for leaf in reversed(readable) if isinstance(leaf, Local | Read))
        other = next((leaf for leaf in leaves if leaf != expr and _alike(leaf, expr)), None)
        if other is not None:
            yield Kind.VALUE, other
    if isinstance(expr, Product):
        yield from _of_product(expr)
    if isinstance(expr, Apply):
        yield from _of_operation(expr, readable)


def _of_product(expr: Product) -> Iterator[tuple[Kind, Expr]]:
    if expr.kind is Contraction.MATMUL and len(expr.left.shape) == 2:
        yield Kind.TRANSPOSE, replace(expr, turned=(not expr.turned[0], expr.turned[1]))
    if _alike(expr.left, expr.right) and expr.kind is Contraction.OUTER:
        yield Kind.ORDER, replace(expr, left=expr.right, right=expr.left)


def _of_operation(expr: Apply, readable: Sequence[Expr]) -> Iterator[tuple[Kind, Expr]]:
    for operand in expr.args:
        if _alike(operand, expr):
            yield Kind.MISSING, operand
    if len(expr.args) == 2 and TABLE[expr.op].scalar is not None and not TABLE[expr.op].condition:
        yield Kind.OPERATION, replace(expr, op="sub" if expr.op == "add" else "add")
    if len(expr.args) > 1 and _alike(expr.args[0], expr.args[1]) and not _commutes(expr.op):
        yield Kind.ORDER, replace(expr, args=(expr.args[1], expr.args[0], *expr.args[2:]))
    if expr.op == "slice":
        others = (part for part in readable if isinstance(part, Apply) and part.args == expr.args)
        other = next((part for part in others if part != expr and _alike(part, expr)), None)
        if other is not None:
            yield Kind.SLICE, other


@functools.cache
def _commutes(op: str) -> bool:
    """Whether the order of two numbers makes no difference."""
    x, y = sympy.symbols("x y", real=True)
    scalar = TABLE[op].scalar
    return scalar is not None and TABLE[op].arity == 2 and bool(scalar(x, y) == scalar(y, x))
