"""The formats of `lstmspec check`, a row each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from ..diagnostics import Diagnostic, render, shown_path


def text(findings: Sequence[Diagnostic]) -> str:
    """For people: code, place, the line with a caret, facts, help."""
    return "\n\n".join(render(finding) for finding in findings)


def as_json(findings: Sequence[Diagnostic]) -> str:
    """For programs: a list of objects; columns count from 1, and are null where Python kept none."""
    return json.dumps([_fields(finding) for finding in findings], indent=2, ensure_ascii=False)


def _fields(finding: Diagnostic) -> dict[str, object]:
    place = finding.site.place if finding.site is not None else None
    return {
        "code": finding.code.name,
        "title": finding.code.value,
        "message": finding.message,
        "file": shown_path(place.file) if place is not None else None,
        "line": place.line if place is not None else None,
        "column": place.column + 1 if place is not None and place.column is not None else None,
        "end_column": place.end_column + 1 if place is not None and place.end_column is not None else None,
        "cell": finding.cell or None,
        "equation": finding.equation or None,
        "operands": finding.label or None,
        "notes": list(finding.notes),
        "help": finding.help or None,
    }


def github(findings: Sequence[Diagnostic]) -> str:
    """For GitHub's workflow commands: annotations at the lines of a pull request."""
    return "\n".join(_annotation(finding) for finding in findings)


def _annotation(finding: Diagnostic) -> str:
    fields = _fields(finding)
    places = (("file", "file"), ("line", "line"), ("col", "column"), ("endColumn", "end_column"))
    parts = [f"{key}={_property(str(fields[name]))}" for key, name in places if fields[name] is not None]
    parts.append(f"title={_property(f'{finding.code.name}: {finding.code.value}')}")
    body = "\n".join([finding.message, *finding.notes, *([f"help: {finding.help}"] if finding.help else [])])
    return f"::error {','.join(parts)}::{_escaped(body)}"


def _escaped(value: str) -> str:
    """A message: a workflow command is one line."""
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Sequence[Diagnostic]], str]] = {"text": text, "json": as_json, "github": github}
