"""What is said about an expression beside what it computes: its declared shape, lints that it is allowed, old values.

In an equation each is a node of its own; `unmarked` takes them out again when the equation gets its name, so that no
later stage meets one.
"""

from __future__ import annotations

import copy
import difflib
from dataclasses import dataclass
from typing import TypeVar, cast

from ..diagnostics import Code, fitting, here, refused
from ..nodes import Node, Operand, as_node, dimension, replace, subnodes
from ._declarations import Declaration, Output
from ._system import Allowance, DeclaredShape

N = TypeVar("N", bound=Node)


@fitting
def allow(what: N, /, **reasons: str) -> N:
    """Allow lints where they stand: `c.next = allow(f * c + (1 - s) * g, LS304="the weights overlap in the paper")`.

    `what` is an expression, or a declaration: `x = allow(Input(n), LS302="kept for callers of the LSTM")`. Each option
    is a lint's code with the reason. An allowance that is not needed is itself a finding, LS309.

    Raises:
        SpecError: LS207 for a code that is no lint's; LS208 without a code, or without a reason.

    """
    if not reasons:
        raise refused(Code.LS208, "allow needs the code of a lint with a reason", 'allow(…, LS303="the paper reads c")')
    allowances = tuple(_allowance(code, reason) for code, reason in reasons.items())
    if isinstance(what, Declaration) and not what.name:
        made = copy.copy(what)  # the declaration itself may be used elsewhere, without the allowance
        made.allowed = what.allowed + allowances
        return made
    if isinstance(what, Output):
        return cast(N, Output(Node("allow", what.args, allowances)))
    return cast(N, Node("allow", (as_node(what),), allowances))


@fitting
def shaped(expression: Operand, /, *shape: object) -> Node:
    """An expression whose shape is declared: `f = shaped(sigmoid(affine(x, h)), k)`; the checker holds it to that.

    Also `y = Output(shaped(…, m))`. It is written around the whole right side of an equation. `()` is a scalar.

    Raises:
        SpecError: LS205 for what is no shape.

    """
    flat = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    if not shape or len(flat) > 2:
        raise refused(Code.LS205, f"shaped with {len(flat)} sizes; expected the shape of a vector or a matrix, or ()")
    return Node("shaped", (as_node(expression),), tuple(dimension(size, "shaped") for size in flat))


@dataclass(frozen=True)
class Marks:
    """An expression without its marks, and what they said."""

    expr: Node
    shape: DeclaredShape | None
    previous: tuple[str, ...]
    allowed: tuple[Allowance, ...]


def unmarked(expr: Node) -> Marks:
    """Take the marks out of an expression.

    Raises:
        SpecError: LS208 for `shaped` or `Output` around a part of the right side.

    """
    nodes = list(subnodes(expr))
    allowed = tuple(cast(Allowance, attr) for node in nodes if node.op == "allow" for attr in node.attrs)
    previous = dict.fromkeys(node.args[0].name for node in nodes if node.op == "previous")
    whole = expr
    while whole.op == "allow":
        whole = whole.args[0]
    if any(node.op == "shaped" and node is not whole for node in nodes):
        message = "shaped() stands around the whole right side of an equation, not around a part of it"
        raise refused(Code.LS208, message, "give the part a name of its own: a = shaped(…, k)")
    if any(node.op == "output" for node in nodes):
        message = "Output() stands around the whole right side of an equation, which it gives a name of its own"
        raise refused(Code.LS208, message, "emit what is computed from it: y = Output(2 * h)")
    shape = cast(DeclaredShape, whole.attrs) if whole.op == "shaped" else None
    if allowed or previous or shape is not None:
        expr = replace(expr, lambda node: node.args[0] if node.op in ("allow", "previous", "shaped") else node)
    return Marks(expr, shape, tuple(previous), allowed)


def _allowance(name: str, reason: str) -> Allowance:
    lints = [code.name for code in Code if code.is_lint]
    if name not in lints:
        near = difflib.get_close_matches(name, lints, 1) if name not in Code.__members__ else []
        what = "is an error, which cannot be allowed" if name in Code.__members__ else "is no lint's code"
        raise refused(
            Code.LS207, f"{name} {what}", f"did you mean {near[0]}?" if near else f"lints: {', '.join(lints)}"
        )
    if not isinstance(reason, str) or not reason.strip():
        raise refused(Code.LS208, f"{name} is allowed without a reason", f'say why: {name}="…"')
    return Allowance(Code[name], reason, here())
