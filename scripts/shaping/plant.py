"""Faults planted in a generated module, each of which a checker of shapes has to refuse.

Nothing is known of the cell: a fault is a change of the first place in a function where it changes a shape for sure.
"""

import ast
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from .statements import LABEL, arithmetic, declared, hints

Change = tuple[ast.expr, str]  # a piece of the module, and what stands there instead


@dataclass(frozen=True)
class Fault:
    """A module with one fault: its kind, the line that it is on, and the altered source."""

    kind: str
    line: int
    source: str


def plant(source: str, unsaid: Collection[int] = ()) -> list[Fault]:
    """One fault of each kind in each function that has a place for it.

    Args:
        source: A module.
        unsaid: The lines of statements that are not checked anyway: faults there would prove nothing.

    """
    tree = ast.parse(source)
    found = []
    for function in arithmetic(tree):
        checked = _Without(unsaid).visit(function)
        for kind, find in KINDS.items():
            if change := next(find(checked), None):
                node, text = change
                found.append(Fault(kind, node.lineno, _replaced(source, node, text)))
    return [*found, *_relabelled(source)]


class _Without(ast.NodeTransformer):
    """A function without the statements that start on these lines."""

    def __init__(self, lines: Collection[int]) -> None:
        self.lines = lines

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.For):
            kept = [part for part in node.body if part.lineno not in self.lines]
            node.body = kept or [ast.copy_location(ast.Pass(), node.body[0])]
        return node


def _replaced(source: str, node: ast.expr, text: str) -> str:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data = source.encode()
    first = starts[node.lineno - 1] + node.col_offset
    last = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    return (data[:first] + text.encode() + data[last:]).decode()


def _matrices(function: ast.FunctionDef) -> dict[str, list[str]]:
    """The arguments with two axes that differ: transposed, they have another shape."""
    found = {}
    for argument in function.args.args:
        match = declared(argument.annotation) if argument.annotation else None
        if match and len(set(match[1].split())) == len(match[1].split()) == 2:
            found[argument.arg] = match[1].split()
    return found


def _transposed_factor(function: ast.FunctionDef) -> Iterator[Change]:
    names = _matrices(function)
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            right = node.right
            if isinstance(right, ast.Attribute) and right.attr == "T" and ast.unparse(right.value) in names:
                yield right, ast.unparse(right.value)
            elif isinstance(right, ast.Name) and right.id in names:
                yield right, f"{right.id}.T"


def _transposed_argument(function: ast.FunctionDef) -> Iterator[Change]:
    names = _matrices(function)
    used = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    for argument in function.args.args:
        if argument.arg in names and argument.arg in used and argument.arg != "sizes" and argument.annotation:
            first, second = names[argument.arg]
            yield argument.annotation, f'Float[Tensor, "{second} {first}"]'


def _concatenated(function: ast.FunctionDef) -> Iterator[Change]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.cat":
            yield from ((word.value, "-2") for word in node.keywords if ast.unparse(word.value) == "-1")


def _slice(function: ast.FunctionDef) -> Iterator[Change]:
    for node in ast.walk(function):
        if isinstance(node, ast.Slice) and node.upper is not None and not isinstance(node.upper, ast.UnaryOp):
            lower = ast.unparse(node.lower) if node.lower else ""
            place = ast.Slice(lineno=node.lineno, col_offset=node.col_offset)
            place.end_lineno, place.end_col_offset = node.end_lineno, node.end_col_offset
            yield place, f"{lower}:{ast.unparse(node.upper)} - 1"


def _stored(function: ast.FunctionDef) -> Iterator[Change]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            yield node.value, ast.unparse(node.targets[0].value)


def _returned(function: ast.FunctionDef) -> Iterator[Change]:
    last = function.body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple):
        results = hints(function)[-len(last.value.elts) :]
        for place in range(len(results) - 1):
            if ast.unparse(results[place]) != ast.unparse(results[place + 1]):
                yield last.value.elts[place], ast.unparse(last.value.elts[place + 1])


def _summed(function: ast.FunctionDef) -> Iterator[Change]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sum":
            yield from ((word.value, "0") for word in node.keywords if ast.unparse(word.value) == "(0, 1)")


def _relabelled(source: str) -> Iterator[Fault]:
    for number, line in enumerate(source.splitlines(), start=1):
        if LABEL.fullmatch(line.strip()):
            altered = line[: line.rindex("(")] + "(7)"
            yield Fault("a label that is not true", number, source.replace(line + "\n", altered + "\n", 1))
            return


KINDS: dict[str, Callable[[ast.FunctionDef], Iterator[Change]]] = {
    "a factor transposed": _transposed_factor,
    "an argument declared transposed": _transposed_argument,
    "a concatenation along the wrong axis": _concatenated,
    "a slice too narrow": _slice,
    "all steps stored as one": _stored,
    "the next result returned": _returned,
    "a sum over one axis too few": _summed,
}
