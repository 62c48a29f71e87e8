"""What Pyrefly says of the statements of a twin, beside what the procedure declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ....procedure import Apply
from ..._static import Remark
from ...arrays import Line, is_number
from ._pyrefly import Message
from ._twin import Kind, Question, Statement, Twin

SILENT = ("concat",)  # operations of which it says no shape where it cannot tell whether sizes agree, as they have to
ANSWER = "reveal-type"


@dataclass(frozen=True)
class Outcome:
    """What came out for a twin.

    Attributes:
        statements: How many there are.
        checked: How many of them have, to Pyrefly, their declared type.
        lost: The numbers of those that have none that is as exact.
        unsaid: The same as remarks; with the reason, where the twin asked for it.
        findings: What Pyrefly refuses, and types that are not the declared ones.

    """

    statements: int
    checked: int
    lost: tuple[int, ...]
    unsaid: tuple[Remark, ...]
    findings: tuple[Remark, ...]


@dataclass
class _Heard:
    """What Pyrefly says: answers, statements that cannot have their declared type, and what it refuses."""

    answers: dict[Question, str]
    misfits: dict[int, str]
    findings: list[Remark]


def outcome(twin: Twin, messages: Iterable[Message]) -> Outcome:
    """Compare Pyrefly's answers with one another: the type of an array with the declared one."""
    heard = _heard(twin, messages)
    lost: list[int] = []
    unsaid: list[Remark] = []
    for at, statement in enumerate(twin.statements):
        if at in heard.misfits:
            heard.findings.append(_remark(twin, statement, heard.misfits[at]))
        elif not _is_declared(heard.answers.get(Question(Kind.TYPE, at)), statement.type, heard.answers):
            lost.append(at)
            is_silent, why = _why(at, statement, heard.answers)
            (heard.findings if is_silent else unsaid).append(_remark(twin, statement, why))
    total = len(twin.statements)
    return Outcome(total, total - len(lost) - len(heard.misfits), tuple(lost), tuple(unsaid), tuple(heard.findings))


def _heard(twin: Twin, messages: Iterable[Message]) -> _Heard:
    heard = _Heard({}, {}, [])
    for message in messages:
        question, line = twin.questions.get(message.line), twin.lines.get(message.line)
        if question is not None and message.kind == ANSWER:
            heard.answers[question] = message.text.removeprefix("revealed type: ")
        elif question is not None and question.kind is Kind.FITS:
            heard.misfits[question.statement] = _in_a_line(message.text)
        elif question is not None and question.kind is not Kind.DECLARED:
            continue  # it repeats a piece of the line, where the same is said
        elif line is None or not _is_foreign(line):
            heard.findings.append(_refused(twin, line, message))
    return heard


def _is_declared(type_: str | None, declared: str, answers: Mapping[Question, str]) -> bool:
    """Whether Pyrefly writes a type as it writes the declared one."""
    written = (answers.get(Question(Kind.DECLARED, type=declared, place=place)) for place in (0, 1))
    return type_ is not None and type_ in written


def _why(at: int, statement: Statement, answers: Mapping[Question, str]) -> tuple[bool, str]:
    """The first piece whose type is lost, operands before what is made of them, and whether that is a finding."""
    pieces = {one.place: (answers[one], one.type) for one in answers if one.kind is Kind.PIECE and one.statement == at}
    for place, (code, expr) in enumerate(statement.value.pieces):
        type_, declared = pieces.get(place, ("", ""))
        if declared and not _is_declared(type_, declared, answers):
            is_silent = isinstance(expr, Apply) and expr.op in SILENT
            return is_silent, f"the shape of `{code}` is lost: {type_}"
    return False, f"`{statement.value.code}` is {answers.get(Question(Kind.TYPE, at), 'not answered')}"


def _is_foreign(line: Line) -> bool:
    """Whether a line calls something that PyTorch has, and the stubs refuse: the remainder of a number by an array."""
    pieces = (expr for value in (*line.needs, *line.makes) for _, expr in value.pieces)
    return any(isinstance(one, Apply) and one.op == "mod" and is_number(one.args[0]) for one in pieces)


def _refused(twin: Twin, line: Line | None, message: Message) -> Remark:
    code = line.code if line else ""
    return Remark(twin.procedure.name, "", code, f"{_in_a_line(message.text)} [{message.kind}]")


def _in_a_line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines())


def _remark(twin: Twin, statement: Statement, text: str) -> Remark:
    return Remark(twin.procedure.name, statement.value.code, statement.line.code, text)
