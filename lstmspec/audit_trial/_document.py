"""The table of libraries' cells in the documentation, between two marks, and the notes below it."""

from __future__ import annotations

from collections.abc import Sequence

from ..documents import MEASUREMENTS, Document, markdown
from ._libraries import LibraryAudit

DOCUMENT = Document(
    MEASUREMENTS,
    "<!-- audits: written by scripts/audit_libraries.py --write -->",
    "<!-- end of audits -->",
)
HEAD = ("cell", "code", "audit", "what the code computes", "gradients")


def table(results: Sequence[LibraryAudit]) -> str:
    """Table and notes as Markdown; code of which the same is said stands in one line."""
    groups: dict[tuple[object, ...], list[LibraryAudit]] = {}
    for result in results:
        groups.setdefault((result.row.cell, result.verdict, result.edits), []).append(result)
    rows = []
    for own in groups.values():
        first = own[0]
        codes = ", ".join(f"`{result.row.code}`" for result in own)
        lines = "<br>".join(f"`{line}`" for line in first.edits[-1:]) or "the equations"
        rows.append((f"`{first.row.cell}`", codes, first.verdict, lines, max(result.gradients for result in own)))
    notes: dict[str, list[str]] = {}
    for result in results:
        notes.setdefault(result.row.cell, []).extend(result.row.notes)
    listed = [f"- `{cell}`: {'; '.join(own)}." for cell, own in notes.items() if own]
    return "\n".join([markdown(HEAD, rows), "", *listed])
