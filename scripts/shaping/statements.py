"""The statements of a generated PyTorch module whose shapes a checker is asked for, and what the module says of them.

Everything is read from the text of the module: labels `# f = sigmoid(a[:k]) : (k)`, annotations, loops, stores.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

ANNOTATION = re.compile(r'Float\[Tensor, "([^"]*)"\]')
LABEL = re.compile(r"# .* : \((.*)\)")
IN_LOOP, OUTSIDE = ("batch",), ("time", "batch")
Shape = tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A statement of a generated module, or one element of what a function returns.

    Attributes:
        line: Where it stands.
        function: The function that it is in.
        code: What it is called in a report.
        values: The code of what must have one and the same shape: what is assigned; of a store, place and value.
        allowed: The shapes that the module declares for it, in a label or an annotation; empty where it declares none.
        parts: The code of its right-hand side, piece by piece, innermost first: the first that is lost says why.
        end: The line after which `values` exist, where they do not exist before the statement; 0 otherwise.

    """

    line: int
    function: str
    code: str
    values: tuple[str, ...]
    allowed: tuple[Shape, ...] = ()
    parts: tuple[str, ...] = ()
    end: int = 0


def arithmetic(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions of the module whose signatures say shapes."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and any(map(declared, hints(node)))]


def others(source: str) -> list[str]:
    """The functions and methods whose signatures say no shape to Pyrefly: of those nothing is asked."""
    tree = ast.parse(source)
    asked, found = arithmetic(tree), []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found += [f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)]
        elif isinstance(node, ast.FunctionDef) and node not in asked:
            found.append(node.name)
    return found


def hints(function: ast.FunctionDef) -> list[ast.expr]:
    """The annotations of a function's arguments and of each of its results."""
    results = function.returns
    many = results.slice if isinstance(results, ast.Subscript) and ast.unparse(results.value) == "tuple" else results
    found = [*many.elts] if isinstance(many, ast.Tuple) else [many]
    return [hint for hint in [*(argument.annotation for argument in function.args.args), *found] if hint is not None]


def declared(hint: ast.expr) -> re.Match[str] | None:
    """The axes that an annotation says, as its first group."""
    return ANNOTATION.fullmatch(ast.unparse(hint).replace("'", '"'))


def statements(source: str) -> list[Statement]:
    """All statements whose shapes can be asked for."""
    lines = source.splitlines()
    found: list[Statement] = []
    for function in arithmetic(ast.parse(source)):
        for node, lead in _walk(function.body, OUTSIDE):
            label = LABEL.fullmatch(lines[node.lineno - 2].strip())
            if isinstance(node, ast.Assign):
                found += _assigned(function.name, node, _labelled(label, lead))
            elif isinstance(node, ast.Return) and node.value is not None:
                found += _returned(function, node, node.value)
    return found


def _walk(body: list[ast.stmt], lead: Shape) -> Iterator[tuple[ast.stmt, Shape]]:
    for node in body:
        if isinstance(node, ast.For):
            yield from _walk(node.body, IN_LOOP)
        else:
            yield node, lead


def _labelled(label: re.Match[str] | None, lead: Shape) -> tuple[Shape, ...]:
    """A label says the shape of one step and one sequence; what depends on no data has no axes in front of it."""
    if label is None:
        return ()
    own = tuple(axis.strip() for axis in label[1].split(",") if axis.strip())
    return ((*lead, *own), own)


def _assigned(function: str, node: ast.Assign, allowed: tuple[Shape, ...]) -> Iterator[Statement]:
    target, value, code = node.targets[0], node.value, ast.unparse(node)
    pieces = tuple(_parts(value))
    if isinstance(target, ast.Subscript):
        yield Statement(node.lineno, function, code, (ast.unparse(target), ast.unparse(value)), allowed, pieces)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):  # the loop goes on: shapes must not change
        for left, right in zip(target.elts, value.elts, strict=True):
            both = (ast.unparse(left), ast.unparse(right))
            yield Statement(node.lineno, function, " = ".join(both), both, (), tuple(_parts(right)))
    elif not (isinstance(value, ast.Attribute) and value.attr in ("shape", "dtype", "device")):
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        for name in names:
            if not ast.unparse(name).startswith("_"):
                yield Statement(
                    node.lineno, function, code, (ast.unparse(name),), allowed, pieces, node.end_lineno or 0
                )


def _returned(function: ast.FunctionDef, node: ast.Return, value: ast.expr) -> Iterator[Statement]:
    results = value.elts if isinstance(value, ast.Tuple) else [value]
    for result, hint in zip(results, hints(function)[-len(results) :], strict=True):
        match, code = declared(hint), ast.unparse(result)
        allowed = (tuple(match[1].split()),) if match else ()
        yield Statement(node.lineno, function.name, f"return {code}", (code,), allowed, tuple(_parts(result)))


def _parts(node: ast.expr) -> Iterator[str]:
    """The pieces of an expression that are arrays, operands first."""
    if isinstance(node, ast.Call):
        inner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        inner += [part for part in node.args if not isinstance(part, ast.Starred)]
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp):
        inner = [node.operand]
    elif isinstance(node, ast.Subscript | ast.Attribute):
        inner = [node.value]
    elif isinstance(node, ast.List):
        inner = node.elts
    else:
        inner = []
    for part in inner:
        yield from _parts(part)
    text = ast.unparse(node)
    is_array = isinstance(node, ast.Name | ast.Attribute) and text.partition(".")[0] != "torch"
    if is_array or isinstance(node, ast.BinOp | ast.Call | ast.Compare | ast.Subscript | ast.UnaryOp):
        yield text
