"""What Pyrefly says of the statements of a module, beside what the module says of them itself."""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lstmspec.sizes import Size

from .statements import Shape, Statement
from .translate import Copy, Key

KNOWN = re.compile(r"Tensor\[\[([^\[\]]*)\]\]")
# Pyrefly's rule for it says nothing where it cannot tell whether sizes agree, which with known operands they have to.
REFUSED_SILENTLY = "torch.cat("
NO_ARRAY = re.compile(r"(?!.*Tensor)(?!Any$|Unknown$).*", re.DOTALL)


@dataclass(frozen=True)
class Message:
    """A diagnostic of Pyrefly: where, which kind, the text."""

    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class Remark:
    """Something to say of a line of a generated module."""

    line: int
    function: str
    code: str
    text: str


@dataclass(frozen=True)
class Judgement:
    """What came out for one module.

    Attributes:
        checked: How many statements have, to Pyrefly, a full shape that agrees with all that the module says of it.
        unsaid: Statements whose shape Pyrefly's language or its stubs lose, with the reason.
        lost: The numbers of all statements that have, to Pyrefly, no full shape.
        findings: What Pyrefly refuses, and shapes that are not those that the module declares.

    """

    checked: int
    unsaid: tuple[Remark, ...]
    lost: tuple[int, ...]
    findings: tuple[Remark, ...]


def judge(copy: Copy, messages: Iterable[Message]) -> Judgement:
    """Compare Pyrefly's answers with the labels and annotations of the module."""
    answers: dict[Key, str] = {}
    findings: list[Remark] = []
    for message in messages:
        key = copy.keys.get(message.line)
        if key is not None and message.kind == "reveal-type":
            answers[key] = message.text.removeprefix("revealed type: ")
        elif key is None:  # a question repeats a piece of the statement: what is wrong with it is said there
            line = copy.origin[message.line - 1] if message.line <= len(copy.origin) else 0
            findings.append(Remark(line, "", "", f"{message.text.splitlines()[0]} [{message.kind}]"))
    checked, unsaid, lost = 0, [], []
    for index, statement in enumerate(copy.statements):
        types = [answers.get((index, "value", place), "no answer") for place in range(len(statement.values))]
        if all(NO_ARRAY.fullmatch(type_) for type_ in types) and "no answer" not in types:
            continue  # sizes: integers
        shapes = [shape_of(type_) for type_ in types]
        if None in shapes:
            part, why = _why(index, statement, answers)
            (findings if part.startswith(REFUSED_SILENTLY) else unsaid).append(_remark(statement, why))
            lost.append(index)
        elif problem := _problem(statement, types, [shape for shape in shapes if shape is not None]):
            findings.append(_remark(statement, problem))
        else:
            checked += 1
    return Judgement(checked, tuple(unsaid), tuple(lost), tuple(sorted(findings, key=lambda remark: remark.line)))


def shape_of(type_: str) -> tuple[Size, ...] | None:
    """The shape that a type of Pyrefly's says, each axis as a polynomial; None where it says less."""
    match = KNOWN.fullmatch(type_)
    return sizes(ast.parse(f"({match[1]},)" if match[1] else "()", mode="eval").body) if match else None


def sizes(node: ast.expr) -> tuple[Size, ...] | None:
    """The axes of a tuple; None where one of them is no polynomial, or is lost."""
    found = [_size(axis) for axis in node.elts] if isinstance(node, ast.Tuple) else [None]
    return None if None in found else tuple(size for size in found if size is not None)


def _size(node: ast.expr) -> Size | None:
    match node:
        case ast.Constant(value=int(value)):
            return Size.of(value)
        case ast.Name(id=name) if name not in ("int", "Any", "Unknown"):
            return Size.of(name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            a, b = _size(left), _size(right)
            if a is None or b is None:
                return None
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        case _:
            return None


def _problem(statement: Statement, types: list[str], shapes: list[tuple[Size, ...]]) -> str | None:
    if len(set(shapes)) > 1:
        return f"`{statement.values[0]}` is {types[0]}, `{statement.values[1]}` is {types[1]}"
    allowed = [_read(shape) for shape in statement.allowed]
    if allowed and shapes[0] not in allowed:
        return f"`{statement.values[0]}` is {types[0]}; the module says ({', '.join(statement.allowed[0])})"
    return None


def _read(shape: Shape) -> tuple[Size, ...] | None:
    return sizes(ast.parse(f"({', '.join(shape)},)" if shape else "()", mode="eval").body)


def _why(index: int, statement: Statement, answers: Mapping[Key, str]) -> tuple[str, str]:
    """The first piece whose shape is lost, operands before what is made of them; and that as a sentence."""
    for place, part in enumerate(statement.parts):
        type_ = answers.get((index, "part", place), "no answer")
        if shape_of(type_) is None and not NO_ARRAY.fullmatch(type_):
            lost = "was lost before" if part.isidentifier() else "is lost here"
            return part, f"the shape of `{part}` {lost}: {type_}"
    return "", f"`{statement.values[0]}` is {answers.get((index, 'value', 0), 'no answer')}"


def _remark(statement: Statement, text: str) -> Remark:
    return Remark(statement.line, statement.function, statement.code, text)
