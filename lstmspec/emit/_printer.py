"""Expressions of a program as code of a backend.

Invariant: a node prints through the backend's closed table or not at all, and every name prints as the code that the
environment gives for it: nothing of a spec reaches the text but validated identifiers, numbers and sizes.

A value has, in front of its own shape, the axes that its place gives it: none for what depends on parameters alone,
(batch) in the loop, (time, batch) before and after it. Products and slices are printed so that both kinds work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..checker import shapes_within
from ..nodes import Name, Node
from ..sizes import Shape, Size
from ._spelling import ATOM, PRODUCT, SUM, UNARY, Spelling

Shapes = Mapping[Node, Shape]


class CannotPrint(Exception):
    """An operation that a backend's table lacks."""


@dataclass(frozen=True)
class Value:
    """Code that stands for a name: its text and whether it has batch (and time) axes in front."""

    code: str
    data: bool


@dataclass(frozen=True, slots=True)
class _Code:
    text: str
    level: int
    data: bool

    def at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


class Printer:
    """Prints expressions over an environment of names."""

    def __init__(
        self, spelling: Spelling, names: Callable[[str], Value], shapes: Mapping[Name, Shape], lead: str
    ) -> None:
        self.spelling = spelling
        self.names = names
        self.shapes = shapes
        self.lead = lead  # the axes in front of data, as code: "batch" or "time, batch"

    def print(self, root: Node) -> str:
        """The code of an expression."""
        return self._code(root, shapes_within(root, self.shapes)).text

    def _code(self, node: Node, shapes: Shapes) -> _Code:
        if node.op == "ref":
            value = self.names(node.name)
            return _Code(value.code, ATOM, value.data)
        if node.op == "number":
            number = node.value
            shown = repr(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
            return _Code(shown, ATOM if number >= 0 else UNARY, False)
        args = [self._code(arg, shapes) for arg in node.args]
        rule = _RULES.get(node.op)
        return rule(self, node, args, shapes) if rule is not None else self._elementwise(node, args, shapes)

    def _elementwise(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        entry = self.spelling.elementwise.get(node.op)
        if entry is None:
            raise CannotPrint(node.op)
        rank = max(len(shapes[arg]) for arg in node.args)
        parts = []
        for operand, arg, level in zip(node.args, args, entry.levels, strict=True):
            part = _spread(arg, rank - len(shapes[operand]))
            typed = entry.wraps_numbers and operand.op in ("number", "size")
            parts.append(self.spelling.scalar.format(part.text) if typed else part.at(level))
        return _Code(entry.template.format(*parts), entry.level, any(arg.data for arg in args))

    # -- products ----------------------------------------------------------------------------------------------------

    def matmul(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        left, right = args
        if len(shapes[node.args[1]]) == 2 or (not right.data and not left.data):
            return _Code(f"{left.at(PRODUCT)} @ {right.at(PRODUCT + 1)}", PRODUCT, left.data or right.data)
        if left.data:
            return _Code(f"({left.at(PRODUCT)} @ {right.at(ATOM)}[..., None])[..., 0]", ATOM, True)
        # Rows are samples: (W v) for each of them is v Wᵀ.
        if node.args[0].op == "transpose":
            weight = self._code(node.args[0].args[0], shapes)
            return _Code(f"{right.at(PRODUCT)} @ {weight.at(PRODUCT + 1)}", PRODUCT, True)
        return _Code(f"{right.at(PRODUCT)} @ {left.at(ATOM)}.T", PRODUCT, True)

    def outer(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        left, right = f"{args[0].at(ATOM)}[..., :, None]", f"{args[1].at(ATOM)}[..., None, :]"
        return _Code(f"{left} * {right}", PRODUCT, args[0].data or args[1].data)

    def dot(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        product = f"({args[0].at(PRODUCT)} * {args[1].at(PRODUCT + 1)})"
        return _Code(f"{product}.sum({self.spelling.axis}=-1)", ATOM, args[0].data or args[1].data)

    def sum(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        rank = len(shapes[node.args[0]])
        axes = {1: "-1", 2: "(-2, -1)"}.get(rank)
        return _Code(f"{args[0].at(ATOM)}.sum({self.spelling.axis}={axes})", ATOM, args[0].data) if axes else args[0]

    def features(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        """An operation along the features, by the backend's template."""
        count = size_code(cast(Size, node.attrs[0])) if node.attrs else ""
        groups = size_code(shapes[node][0]) if node.attrs else ""
        whole = size_code(shapes[node.args[0]][0])
        text = self.spelling.features[node.op].format(args[0].at(ATOM), count, groups, whole)
        return _Code(text, ATOM, args[0].data)

    def size(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        """A size as a number: it is an integer of the host's, not an array."""
        size = cast(Size, node.attrs[0])
        text = size_code(size)
        return _Code(text, ATOM if len(size.terms) == 1 and "*" not in text else SUM, False)

    # -- parts -------------------------------------------------------------------------------------------------------

    def transpose(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        return _Code(f"{args[0].at(ATOM)}.{'mT' if args[0].data else 'T'}", ATOM, args[0].data)

    def slice(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        axis, start, stop = cast(tuple[int, Size, Size], node.attrs)
        whole = shapes[node.args[0]]
        cut = f"{size_code(start) if start.terms else ''}:{size_code(stop) if stop != whole[axis] else ''}"
        behind = ", :" * (len(whole) - 1 - axis)
        index = f"..., {cut}{behind}" if args[0].data else ":, " * axis + cut
        return _Code(f"{args[0].at(ATOM)}[{index}]", ATOM, args[0].data)

    def concat(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        data = any(arg.data for arg in args)
        parts = [
            arg.text if arg.data == data else self.spelling.broadcast.format(arg.text, self._full(shapes[own], data))
            for arg, own in zip(args, node.args, strict=True)
        ]
        return _Code(self.spelling.concat.format(", ".join(parts), -len(shapes[node])), ATOM, data)

    def pad(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        axis, start, stop, whole = cast(tuple[int, Size, Size, Size], node.attrs)
        behind = size_code((whole - stop).ordered(whole.atoms))
        text = self.spelling.pad(args[0].text, size_code(start), behind, len(shapes[node]) - axis)
        return _Code(text, ATOM, args[0].data)

    def diag(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        eye = self.spelling.eye.format(size_code(shapes[node][0]))
        return _Code(f"{args[0].at(ATOM)}[..., None] * {eye}", PRODUCT, args[0].data)

    def diagonal(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        return _Code(self.spelling.diagonal.format(args[0].text), ATOM, args[0].data)

    def ones(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        return _Code(self.spelling.ones.format(self._full(shapes[node], False)), ATOM, False)

    def spread(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        ones = self.ones(Node("ones", (), node.attrs), [], {**shapes, Node("ones", (), node.attrs): shapes[node]})
        return _Code(f"{_spread(args[0], len(shapes[node])).at(PRODUCT)} * {ones.text}", PRODUCT, args[0].data)

    def zeros(self, node: Node, args: Sequence[_Code], shapes: Shapes) -> _Code:
        return _Code(self.spelling.zeros.format(self._full(shapes[node], False)), ATOM, False)

    def _full(self, shape: Shape, data: bool) -> str:
        return shape_code(shape, self.lead if data else "")

    # -- sums over time and batch ------------------------------------------------------------------------------------

    def total(self, root: Node) -> str:
        """The code of the sum of an expression over all leading axes; an outer product becomes one product."""
        shapes = shapes_within(root, self.shapes)
        return self._total(root, shapes).text

    def _total(self, node: Node, shapes: Shapes) -> _Code:
        if node.op in ("add", "sub"):
            left, right = (self._total(arg, shapes) for arg in node.args)
            sign = "+" if node.op == "add" else "-"
            return _Code(f"{left.at(SUM)} {sign} {right.at(SUM + 1)}", SUM, False)
        if node.op == "neg":
            return _Code(f"-{self._total(node.args[0], shapes).at(UNARY)}", UNARY, False)
        code = self._code(node, shapes)
        if not code.data:
            if node.op in ("zeros", "number"):
                return self.zeros(node, [], shapes)
            raise CannotPrint(f"the sum over time and batch of {node}, which has neither")
        if node.op == "outer":
            left, right = (self._code(arg, shapes) for arg in node.args)
            if left.data and right.data:
                return _Code(f"flat({left.text}).T @ flat({right.text})", PRODUCT, False)
        return _Code(f"{code.at(ATOM)}.sum({self.spelling.axis}=(0, 1))", ATOM, False)


_RULES: Mapping[str, Callable[[Printer, Node, Sequence[_Code], Shapes], _Code]] = {
    "matmul": Printer.matmul,
    "outer": Printer.outer,
    "dot": Printer.dot,
    "sum": Printer.sum,
    "softmax": Printer.features,
    "cumsum": Printer.features,
    "mean": Printer.features,
    "repeat": Printer.features,
    "fold": Printer.features,
    "size": Printer.size,
    "transpose": Printer.transpose,
    "slice": Printer.slice,
    "concat": Printer.concat,
    "pad": Printer.pad,
    "diag": Printer.diag,
    "diagonal": Printer.diagonal,
    "ones": Printer.ones,
    "zeros": Printer.zeros,
    "spread": Printer.spread,
}


def _spread(arg: _Code, missing: int) -> _Code:
    """A scalar of each sample stands for every feature of it."""
    if not arg.data or not missing:
        return arg
    return _Code(f"{arg.at(ATOM)}[..., {', '.join(['None'] * missing)}]", ATOM, True)


def size_code(size: Size) -> str:
    """A size as code, as the formatter would write it."""
    text = str(size)
    for sign in ("+", "-"):
        text = text.replace(sign, f" {sign} ") if not text.startswith(sign) else text
    return text.replace("*", " * ")


def shape_code(shape: Shape, lead: str) -> str:
    """A shape as the code of a tuple."""
    parts = [part for part in (lead, *(size_code(size) for size in shape)) if part]
    return f"({', '.join(parts)}{',' if len(parts) == 1 and ',' not in parts[0] else ''})"
