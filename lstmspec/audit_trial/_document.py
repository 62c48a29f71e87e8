"""The table of libraries' cells in the documentation, between two marks, and the notes below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .. import auditor
from ._libraries import LibraryAudit

DOCUMENT = Path(auditor.__file__).with_name("README.md")  # it is in a checkout, and not installed
START, END = "<!-- audits: written by scripts/audit_libraries.py --write -->", "<!-- end of audits -->"


class NoMarksError(ValueError):
    """A text has no place for the table."""


def table(results: Sequence[LibraryAudit]) -> str:
    """Table and notes as Markdown; code of which the same is said stands in one line."""
    groups: dict[tuple[object, ...], list[LibraryAudit]] = {}
    for result in results:
        groups.setdefault((result.row.cell, result.verdict, result.edits), []).append(result)
    head = ("cell", "code", "audit", "what the code computes", "gradients")
    rows = [head, ("---",) * len(head)]
    for own in groups.values():
        first = own[0]
        codes = ", ".join(f"`{result.row.code}`" for result in own)
        lines = "<br>".join(f"`{line}`" for line in first.edits[-1:]) or "the equations"
        rows.append((f"`{first.row.cell}`", codes, first.verdict, lines, max(result.gradients for result in own)))
    notes: dict[str, list[str]] = {}
    for result in results:
        notes.setdefault(result.row.cell, []).extend(result.row.notes)
    listed = [f"- `{cell}`: {'; '.join(own)}." for cell, own in notes.items() if own]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", *listed])


def written(text: str, table: str) -> str:
    """The text with the table between its marks. Raises NoMarksError."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise NoMarksError(f"no place for the table: it needs a line `{START}` and a line `{END}`")
    return f"{before}{start}\n{table}\n{end}{after}"


def verdicts(text: str) -> list[str]:
    """The lines of a text without digits that depend on the machine."""
    return re.sub(r"\b1e-\d+\b", "1e-…", text).splitlines()
