"""The table of libraries' cells in the documentation, between two marks, and the notes below it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lstmspec.auditor import Audit

from .libraries import Row

START, END = "<!-- audits: written by scripts/audit_libraries.py --write -->", "<!-- end of audits -->"
LEAST = 1e-13  # below it a digit says more of the machine than of the code


class NoMarksError(ValueError):
    """A text has no place for the table."""


@dataclass(frozen=True)
class Result:
    """A row with what the audit says, in seconds."""

    row: Row
    audit: Audit
    seconds: float

    @property
    def edits(self) -> tuple[str, ...]:
        """The edited equations."""
        return tuple(edit.line for edit in self.audit.edits)

    @property
    def verdict(self) -> str:
        """What the audit says, in a few words."""
        if not self.audit.errors:
            return self.audit.findings[0].message
        if not self.audit.edits:
            return "agrees" if self.audit.agrees else self.audit.findings[0].message
        last, *others = self.audit.edits[::-1]
        return "; ".join([f"`{last.equation}`: {last.kind.value}", *(other.kind.value for other in others)])

    @property
    def fault(self) -> str:
        """What is not as the row says; empty when nothing is."""
        if self.edits != self.row.edits or (self.audit.agrees != (not self.row.edits)):
            return f"{self.row.cell}, {self.row.code}: expected {self.row.edits or 'agreement'}, found {self.verdict}"
        if self.audit.gradients is None or max(self.audit.gradients.values()) > 1e-10:
            return f"{self.row.cell}, {self.row.code}: gradients differ"
        return ""

    @property
    def gradients(self) -> str:
        """The largest difference of a gradient, rounded up to a power of ten."""
        largest = max((self.audit.gradients or {"": math.inf}).values())
        return f"1e{math.ceil(math.log10(max(largest, LEAST)) - 1e-9)}" if math.isfinite(largest) else "not"


def table(results: Sequence[Result]) -> str:
    """Table and notes as Markdown; code of which the same is said stands in one line."""
    groups: dict[tuple[object, ...], list[Result]] = {}
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


def counted(results: Sequence[Result]) -> Mapping[str, int]:
    """How many agree, and how many differ."""
    agree = sum(not result.edits for result in results)
    return {"agree": agree, "differ": len(results) - agree}
