"""For GitHub's workflow commands: annotations at the lines of a pull request."""

from __future__ import annotations

from ..diagnostics import Diagnostic, printable
from ._json import span
from ._report import Report


def github(report: Report) -> str:
    """A line for each finding."""
    return "\n".join(_annotation(finding) for finding in report.findings)


def _annotation(finding: Diagnostic) -> str:
    place = span(finding.site)
    names = [("file", "file"), ("line", "line"), ("endLine", "end_line")]
    if place["line"] == place["end_line"]:  # GitHub takes columns of one line only
        names += [("col", "column"), ("endColumn", "end_column")]
    parts = [f"{key}={_property(str(place[name]))}" for key, name in names if place[name] is not None]
    parts.append(f"title={_property(f'{finding.code.name}: {finding.code.value}')}")
    told = [finding.message, *finding.notes, *([f"help: {finding.help}"] if finding.help else [])]
    body = "\n".join(told)
    return f"::{finding.code.severity.value} {','.join(parts)}::{_escaped(body)}"


def _escaped(value: str) -> str:
    """A message: a workflow command is one line."""
    return printable(value, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")
