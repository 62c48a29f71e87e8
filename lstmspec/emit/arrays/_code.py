"""Code with its binding strength, and what is said of values, buffers and leads in it."""

from __future__ import annotations

from dataclasses import dataclass

from ...procedure import Apply, At, Buffer, Constant, Expr, Extent, Lead, Number
from ._spelling import ATOM

LEADS = {Lead.NONE: (), Lead.BATCH: ("batch",), Lead.STEPS: ("time", "batch"), Lead.HISTORY: ("time + 1", "batch")}
ENTRIES = {At.WHOLE: "", At.STEP: "[at]", At.STEP_AFTER: "[at + 1]", At.STEPS: "[:-1]", At.STEPS_AFTER: "[1:]"}


@dataclass(frozen=True, slots=True)
class Code:
    """Text, and how tightly it binds."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """The text where an operand of that strength is needed."""
        return self.text if self.level >= level else f"({self.text})"


def is_number(expr: Expr) -> bool:
    """Whether a value is a number of the host's, not an array."""
    if isinstance(expr, Apply):
        return expr.op in ("add", "sub", "mul", "div", "neg", "pow") and all(is_number(arg) for arg in expr.args)
    return isinstance(expr, Number | Extent | Constant)


def called(buffer: Buffer) -> str:
    """A buffer's name in code: that of an argument's field, or its own."""
    return f"{buffer.record}.{buffer.name}" if buffer.record else buffer.name


def turned(code: Code, expr: Expr, is_turned: bool) -> Code:
    """A matrix, of each sample if it has samples, transposed or as it is."""
    return Code(f"{code.at(ATOM)}.{'mT' if expr.lead else 'T'}") if is_turned else code
