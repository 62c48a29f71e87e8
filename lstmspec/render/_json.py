"""For programs: one object, as `findings.schema.json` beside this file says."""

from __future__ import annotations

import importlib.resources
import json
import re

from ..diagnostics import Diagnostic, Severity, Site, relative_path
from ._report import Report

BREAKS = {code: f"\\u{code:04x}" for code in (0x7F, 0x85, 0x2028, 0x2029)}  # they stand in strings alone
_HALF = re.compile("[\ud800-\udfff]")
VERSION = 1  # rises when a field goes or changes its meaning; a release's schema has exactly that release's fields


def as_json(report: Report) -> str:
    """Lines and columns count from 1, columns in characters; an end column is the one after the last."""
    counts = {"errors": report.count(Severity.ERROR), "warnings": report.count(Severity.WARNING)}
    document = {
        "version": VERSION,
        "findings": [_fields(finding) for finding in report.findings],
        "summary": {"cells": report.cells, "files": report.files, **counts},
    }
    return dumped(document)


def dumped(document: object) -> str:
    """A document as JSON, with escapes for all that some reader of lines takes for the end of one.

    Half a character, as a name that is no UTF-8 has it, is none of JSON's: it is shown as messages show it.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False).translate(BREAKS)
    return _HALF.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text)


def _fields(finding: Diagnostic) -> dict[str, object]:
    return {
        "code": finding.code.name,
        "severity": finding.code.severity.value,
        "title": finding.code.value,
        "message": finding.message,
        **span(finding.site),
        "cell": finding.cell or None,
        "equation": finding.equation or None,
        "operands": finding.label or None,
        "notes": list(finding.notes),
        "help": finding.help or None,
        "mend": [{**span(edit.site), "text": edit.text} for edit in finding.mend],
    }


def span(site: Site | None) -> dict[str, str | int | None]:
    """A place, each part null where there is none or Python kept none."""
    if site is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    place = site.place
    return {
        "file": relative_path(place.file),
        "line": place.line,
        "column": None if place.column is None else place.column + 1,
        "end_line": place.end_line,
        "end_column": None if place.end_column is None else place.end_column + 1,
    }


def schema() -> str:
    """The JSON Schema (draft 2020-12) of `as_json`."""
    return importlib.resources.files(__package__).joinpath("findings.schema.json").read_text(encoding="utf-8")
