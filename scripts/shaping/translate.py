"""A generated PyTorch module in Pyrefly's words: annotations translated, the shape of every statement asked for.

Invariant: no statement is changed. `Float[Tensor, "4*k n"]` becomes `Shaped[Tensor, "[4*k, n]"]`, because Pyrefly reads
of jaxtyping's sizes only names, numbers and `name+1`; functions get `@shape_vars`, which declares their dimensions; and
lines `reveal_type(...)` stand between statements. The generated module itself imports nothing of Pyrefly.
"""

import ast
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from .statements import ANNOTATION, Statement, arithmetic, declared, hints, statements

KEY = re.compile(r"reveal_type\(.*\)  # (\d+) (value|part) (\d+)")
Key = tuple[int, str, int]  # which statement, which of its tuples, which place in it


@dataclass(frozen=True)
class Copy:
    """A translated module.

    Attributes:
        text: Its source.
        statements: What it asks for.
        origin: For each of its lines, the line of the generated module; 0 where there is none.
        keys: Line → what the answer on it belongs to.

    """

    text: str
    statements: tuple[Statement, ...]
    origin: tuple[int, ...]
    keys: Mapping[int, Key]


def translate(source: str, explain: Container[int] = ()) -> Copy:
    """The copy that Pyrefly reads; of the statements numbered in `explain`, it also asks for every piece."""
    tree, lines = ast.parse(source), source.splitlines()
    asked = statements(source)
    inserted = _declarations(tree)
    for index, statement in enumerate(asked):
        line = lines[statement.line - 1]
        indent = line[: len(line) - len(line.lstrip())]
        after = statement.end + 1 if statement.end else statement.line
        parts = statement.parts if index in explain else ()
        for kind, codes, place in (("part", parts, statement.line), ("value", statement.values, after)):
            for at, code in enumerate(codes):
                inserted.setdefault(place, []).append(f"{indent}reveal_type({code})  # {index} {kind} {at}")
    translated = {at: text for node in arithmetic(tree) for at, text in _signature(node, lines)}
    text: list[str] = []
    origin: list[int] = []
    for number, line in enumerate(lines, start=1):
        extra = inserted.get(number, [])
        text += [*extra, translated.get(number, line)]
        origin += [*(0 for _ in extra), number]
    found = [(number, KEY.search(line)) for number, line in enumerate(text, start=1)]
    keys = {number: (int(match[1]), match[2], int(match[3])) for number, match in found if match}
    return Copy("\n".join(text) + "\n", tuple(asked), tuple(origin), keys)


def _declarations(tree: ast.Module) -> dict[int, list[str]]:
    """The lines that make Pyrefly read shapes, by the line that they stand before."""
    imports = [node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    found = {
        max(imports) + 1: [
            "from typing import Any, cast, reveal_type",
            "from shape_extensions import Shaped, shape_vars",
        ]
    }
    for function in arithmetic(tree):
        said = " ".join(match[1] for match in map(declared, hints(function)) if match)
        dims = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", said))
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        found.setdefault(first, []).append(f'@shape_vars("{", ".join(dims)}")')
        for line, cast in _hypotheses(function):
            found.setdefault(line, []).append(cast)
    return found


def _signature(function: ast.FunctionDef, lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines of a signature in Pyrefly's words."""
    numbers = "|".join(_stored(function))
    for at in range(function.lineno, function.body[0].lineno):
        text = ANNOTATION.sub(_shaped, lines[at - 1])
        # a constant comes as a number; where the function makes an array of it, under its name, that is its type
        yield at, re.sub(rf"\b({numbers}): float\b", r"\1: Any", text) if numbers else text


def _stored(node: ast.AST) -> list[str]:
    """The names that are assigned in a piece of code."""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return list(dict.fromkeys(part.id for part in names))


def _hypotheses(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """For each loop, what it carries has at its head the shape of its first value: the hypothesis of an induction.

    Left to itself, Pyrefly takes back what it knows of a name whose shape would change with the step, and is silent.
    The other half of the induction is that the last line of the loop gives each name its shape again.
    """
    known = {argument.arg: declared(argument.annotation) for argument in function.args.args if argument.annotation}
    axes = {name: match[1].split() for name, match in known.items() if match}
    for node in function.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if isinstance(value, ast.Name) and value.id in axes:
                axes[name] = axes[value.id]
            elif isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Tuple):
                axes[name] = [ast.unparse(axis) for axis in value.args[0].elts]
        elif isinstance(node, ast.For):
            indent = " " * node.body[0].col_offset
            for name in _stored(node):
                if name in axes:
                    shape = f'Shaped[Tensor, "[{", ".join(axes[name])}]"]'
                    yield node.body[0].lineno, f"{indent}{name} = cast({shape}, {name})"


def _shaped(match: re.Match[str]) -> str:
    return f'Shaped[Tensor, "[{", ".join(match[1].split())}]"]'
