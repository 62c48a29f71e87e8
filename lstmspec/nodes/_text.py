"""Expressions as the user wrote them."""

from __future__ import annotations

from ._node import Node
from ._walk import subnodes

_BINARY = {"add": (" + ", 1), "sub": (" - ", 1), "mul": (" * ", 2), "div": (" / ", 2), "matmul": (" @ ", 2)}
_BINARY |= {"less": (" < ", 0), "less_equal": (" <= ", 0)}
LONG = 1e15  # from here on a whole number has an exponent
BRIEF = 400  # characters
_UNARY, _POWER, _ATOM = 3, 4, 5


def text(node: Node) -> str:
    """The expression in the language's own spelling, with no more parentheses than it needs."""
    return _printed(node, None)


def brief(node: Node, most: int = BRIEF) -> str:
    """The text for a message: of what is long, or is shared so often that it would be, the inner parts are left out."""
    return _printed(node, most)


def _printed(node: Node, most: int | None) -> str:
    printed: dict[Node, tuple[str, int]] = {}
    for part in subnodes(node):
        inside, level = _print(part, [printed[arg] for arg in part.args])
        printed[part] = ("…", _ATOM) if most is not None and len(inside) > most else (inside, level)
    return printed[node][0]


def number_text(value: float) -> str:
    """A number; a whole one without a point."""
    return repr(int(value)) if value.is_integer() and abs(value) < LONG else repr(value)


def text_for(node: Node, place: Node) -> str:
    """The text of an expression that takes the place of another: in parentheses where it binds less tightly."""
    return text(node) if _level(node) >= _level(place) else f"({text(node)})"


def _level(node: Node) -> int:
    return _print(node, [("", _ATOM)] * len(node.args))[1]


def _print(node: Node, args: list[tuple[str, int]]) -> tuple[str, int]:
    """The text of a node, and how tightly it binds, from those of its arguments."""
    if node.op == "ref":
        return str(node.name), _ATOM
    if node.op == "number":
        value = node.value
        return number_text(value), (_ATOM if value >= 0 else _UNARY)
    if node.op in _BINARY:
        sign, level = _BINARY[node.op]
        left, right = args
        # Left-associative: only the right operand of the same level needs parentheses. Comparisons are chained instead.
        return _wrap(left, level or 1) + sign + _wrap(right, level + 1), level
    if node.op == "neg":
        return "-" + _wrap(args[0], _UNARY), _UNARY
    if node.op == "pow":
        return _wrap(args[0], _ATOM) + "**" + _wrap(args[1], _POWER), _POWER
    if node.op == "transpose":
        return _wrap(args[0], _ATOM) + ".T", _ATOM
    if node.op == "slice":
        axis, start, stop = node.attrs
        whole = ":, " * int(axis)  # type: ignore[call-overload]  # a slice's first attribute is its axis
        return f"{_wrap(args[0], _ATOM)}[{whole}{'' if str(start) == '0' else start}:{stop}]", _ATOM
    parts = [inside for inside, _ in args] + [str(attr) for attr in node.attrs]
    return f"{node.op}({', '.join(parts)})", _ATOM


def _wrap(printed: tuple[str, int], level: int) -> str:
    inside, own = printed
    return inside if own >= level else f"({inside})"
