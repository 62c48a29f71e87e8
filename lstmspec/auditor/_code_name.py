"""Names of code, `torch.nn:LSTM(n, k)` or `mine.py:make(n, k, bias=False)`: read, and made once its module is there.

Nothing in a name is run but the call that it is: arguments are sizes, sums and products of them, or written out.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..diagnostics import one_line

FORM = "expected package.module:NAME(n, k) or FILE.py:NAME(n, k)"


class UnreadableCode(ValueError):
    """Raised for text that names no code: `subject` is the part of it that cannot be read."""

    def __init__(self, subject: str, why: str) -> None:
        super().__init__(f"`{subject}` {why}")
        self.subject, self.why = subject, why


@dataclass(frozen=True)
class CodeName:
    """Where code is, and how it is made.

    Attributes:
        place: A module, `torch.nn`, or a file, `mine.py`.
        call: The rest, as it was written.
        names: The dotted name that is called.
        arguments: Its arguments, positional and by keyword; None where it is named alone.
        sizes: The sizes of the cell, arguments of a class that is named alone.

    """

    place: str
    call: str
    names: tuple[str, ...]
    arguments: tuple[tuple[Any, ...], Mapping[str, Any]] | None
    sizes: Mapping[str, int]

    def made(self, module: object) -> tuple[Any, Mapping[str, Any] | None]:
        """The code, from its module, and its arrays if it is a function with some. Raises whatever making it raises."""
        found: Any = module
        for name in self.names:
            found = getattr(found, name)
        if self.arguments is not None:
            found = found(*self.arguments[0], **self.arguments[1])
        elif inspect.isclass(found):
            found = found(*self.sizes.values())
        if isinstance(found, tuple) and len(found) == 2 and callable(found[0]) and isinstance(found[1], Mapping):
            return found[0], found[1]
        return found, None


def code_name(text: str, sizes: Mapping[str, int]) -> CodeName:
    """A name of code, read; the cell's dimension symbols in it stand for these sizes. Raises UnreadableCode."""
    try:
        return _read(text, sizes)
    except (RecursionError, MemoryError) as error:
        raise UnreadableCode(one_line(text), f"is nested too deeply; {FORM}") from error


def _read(text: str, sizes: Mapping[str, int]) -> CodeName:
    place, colon, call = text.rpartition(":")
    if not colon or not place or not call:
        raise UnreadableCode(text, f"names no code; {FORM}")
    try:
        tree = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:  # or it has null characters
        raise UnreadableCode(call, f"cannot be read: {getattr(error, 'msg', error)}; {FORM}") from error
    names, arguments = _dotted(tree.func if isinstance(tree, ast.Call) else tree, call), None
    if isinstance(tree, ast.Call):
        keywords = {str(word.arg): _value(word.value, sizes) for word in tree.keywords}
        arguments = (tuple(_value(arg, sizes) for arg in tree.args), keywords)
    return CodeName(place, call.strip(), names, arguments, sizes)


def _dotted(node: ast.expr, call: str) -> tuple[str, ...]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise UnreadableCode(call, f"is no name, with or without arguments; {FORM}")
    return (node.id, *names)


def _value(node: ast.expr, sizes: Mapping[str, int]) -> Any:
    """A size, a sum or product of sizes, or whatever Python can read without running it."""
    if isinstance(node, ast.Name) and node.id in sizes:
        return sizes[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        left, right = _value(node.left, sizes), _value(node.right, sizes)
        return left + right if isinstance(node.op, ast.Add) else left * right
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        why = f"is neither a dimension of the cell ({', '.join(sizes)}) nor written out"
        raise UnreadableCode(ast.unparse(node), why) from error
