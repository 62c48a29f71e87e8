"""For code scanning: SARIF 2.1.0 (OASIS, with errata 01). A rule for each code, a result for each finding.

Columns are in UTF-16 code units, as `columnKind` says: what SARIF calls a character is that, and not what Python does.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes

from .. import __version__
from ..diagnostics import Code, Diagnostic, Place, Replacement, Site, relative_path
from ._json import dumped
from ._report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
Json = dict[str, object]


def sarif(report: Report) -> str:
    """A log with one run."""
    driver = {"name": "lstmspec", "version": __version__, "rules": [_rule(code) for code in Code]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.complete}],
        "originalUriBaseIds": {ROOT: {"uri": f"{_absolute(Path.cwd())}/"}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(finding) for finding in report.findings],
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: Code) -> Json:
    name = "".join(word.capitalize() for word in code.value.replace("'s ", " ").replace(",", "").split())
    level = {"level": code.severity.value}
    return {"id": code.name, "name": name, "shortDescription": {"text": code.value}, "defaultConfiguration": level}


def _result(finding: Diagnostic) -> Json:
    result: Json = {
        "ruleId": finding.code.name,
        "ruleIndex": list(Code).index(finding.code),
        "level": finding.code.severity.value,
        "message": {"text": _message(finding)},
    }
    if location := _location(finding):
        result["locations"] = [location]
    if finding.mend:
        result["fixes"] = [_fix(finding)]
    return result


def _message(finding: Diagnostic) -> str:
    help_ = [f"help: {finding.help}"] if finding.help else []
    return "\n".join([finding.message, *([finding.label] if finding.label else []), *finding.notes, *help_])


def _location(finding: Diagnostic) -> Json:
    location: Json = {}
    if finding.site is not None:
        place = finding.site.place
        location["physicalLocation"] = {"artifactLocation": _artifact(place.file), "region": region(place)}
    if finding.cell:
        names = [{"name": finding.cell, "fullyQualifiedName": finding.cell, "kind": "type"}]
        if finding.equation:
            full = f"{finding.cell}.{finding.equation}"
            names = [{"name": finding.equation, "fullyQualifiedName": full, "kind": "member"}]
        location["logicalLocations"] = names
    return location


def _fix(finding: Diagnostic) -> Json:
    files: dict[str, list[Replacement]] = {}
    for edit in finding.mend:
        files.setdefault(edit.site.place.file, []).append(edit)
    changes = [
        {"artifactLocation": _artifact(file), "replacements": [_replacement(edit.site, edit.text) for edit in edits]}
        for file, edits in files.items()
    ]
    return {"description": {"text": finding.help or finding.message}, "artifactChanges": changes}


def _replacement(site: Site, new: str) -> Json:
    return {"deletedRegion": region(site.place), "insertedContent": {"text": new}}


def region(place: Place) -> Json:
    """Lines and columns from 1; an end column is the one after the last."""
    if place.column is None or place.end_column is None:
        return {"startLine": place.line}
    return {
        "startLine": place.line,
        "startColumn": _units(place.source, place.column) + 1,
        "endLine": place.end_line,
        "endColumn": _units(_last_line(place), place.end_column) + 1,
    }


def _last_line(place: Place) -> str:
    return Place(place.file, place.end_line, None, place.end_line, None).source


def _units(line: str, column: int) -> int:
    """UTF-16 code units before a column; a column beyond the text, which may not be at hand, counts as it is."""
    return len(line[:column].encode("utf-16-le", "surrogatepass")) // 2 + max(0, column - len(line))


def _artifact(file: str) -> Json:
    """A file below the working directory relative to it, so that a log means the same on another machine."""
    path = relative_path(file)
    if os.path.isabs(path):
        return {"uri": _absolute(Path(path))}
    return {"uri": _quoted(Path(path)), "uriBaseId": ROOT}


def _absolute(path: Path) -> str:
    quoted = _quoted(path)
    return f"file://{quoted}" if quoted.startswith("/") else f"file:///{quoted}"


def _quoted(path: Path) -> str:
    """Percent-encoded bytes, with forward slashes; the colon of a drive stays."""
    return quote_from_bytes(os.fsencode(path.as_posix()), safe="/:" if path.drive else "/")
