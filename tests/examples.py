"""Cells in files of their own: what is found in one, and its text with the edits that a finding offers."""

from __future__ import annotations

import contextlib
import itertools
import linecache
import runpy
import textwrap
from collections.abc import Iterable
from pathlib import Path

from lstmspec import Audit, CellMeta, Diagnostic, SpecError, check, lint
from lstmspec.diagnostics import Replacement
from lstmspec.emit import generate
from lstmspec.loading import load


def findings(path: Path) -> list[Diagnostic]:
    """All that is found in a file: by declaring its cells, else by checking them, else by generating code."""
    with contextlib.chdir(path.parent):
        try:
            cells = cells_of(path)
            found = [finding for cell in cells for finding in (*check(cell).diagnostics, *lint(cell))]
            if not found:
                generate([cell.system for cell in cells])
                found = [finding for report in _audits(path) for finding in report.findings]
        except SpecError as error:
            return list(error.diagnostics)
        return found


def _audits(path: Path) -> list[Audit]:
    """The audits that a file makes."""
    if "audit(" not in path.read_text(encoding="utf-8"):
        return []
    return [value for value in runpy.run_path(path.name).values() if isinstance(value, Audit)]


def cells_of(path: Path) -> list[CellMeta]:
    """The cells of a file as it is now. Raises SpecError."""
    linecache.clearcache()  # it knows files by the name that they were loaded under, and here many have the same
    with contextlib.chdir(path.parent):
        return load([path.name])


def texts(path: Path) -> list[str]:
    """Each finding of a file as text, with the path as it is seen from the file's folder."""
    with contextlib.chdir(path.parent):
        return [str(finding) for finding in findings(path)]


def applied(path: Path, mend: Iterable[Replacement]) -> str:
    """The text of a file with edits made, the last one first, so that each place is still where it was.

    Raises AssertionError when two of them overlap.
    """
    source = path.read_text(encoding="utf-8")
    starts = [0, *itertools.accumulate(len(line) for line in source.splitlines(keepends=True))]
    edits = []
    with contextlib.chdir(path.parent):
        for edit in mend:
            place = edit.site.place
            assert place.column is not None and place.end_column is not None, f"no columns for {edit}"
            edits.append((starts[place.line - 1] + place.column, starts[place.end_line - 1] + place.end_column, edit))
    edits.sort(key=lambda edit: edit[:2], reverse=True)
    for (later, *_), (_, end, _) in itertools.pairwise(edits):
        assert end <= later, f"edits overlap: {mend}"
    for start, end, edit in edits:
        source = source[:start] + edit.text + source[end:]
    return source


def written(folder: Path, head: str, body: str, base: str = "Cell") -> Path:
    """The file mine.py in a folder: a head, then the cell `Mine` with that body."""
    path = folder / "mine.py"
    path.write_text(f"{head}class Mine({base}):\n{textwrap.indent(body.strip(), '    ')}\n", encoding="utf-8")
    return path
