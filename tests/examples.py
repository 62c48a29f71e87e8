"""Cells in files of their own: what is found in one, and its text with the edits that a finding offers."""

from __future__ import annotations

import contextlib
import itertools
import linecache
import runpy
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from lstmspec import Audit, CellMeta, Diagnostic, SpecError, check, lint, proofs
from lstmspec.diagnostics import Replacement
from lstmspec.emit import BACKENDS, generate
from lstmspec.loading import load
from lstmspec.ops import TABLE
from lstmspec.proofs import Proof

PATIENCE = 120.0  # seconds: an example that proves a model takes some, and more where others work too


def findings(path: Path) -> list[Diagnostic]:
    """All that is found in a file: by declaring its cells, else by checking them, else by generating code."""
    with contextlib.chdir(path.parent):
        try:
            with no_rows_left():
                cells = cells_of(path)
                found = [finding for cell in cells for finding in (*check(cell).diagnostics, *lint(cell))]
                if not found:
                    generate([cell.system for cell in cells])
            return found or _of_reports(path)
        except SpecError as error:
            return list(error.diagnostics)


def _of_reports(path: Path) -> list[Diagnostic]:
    """What the audits and proofs of a file find, which are made as it runs."""
    source = path.read_text(encoding="utf-8")
    if "audit(" not in source and "verify(" not in source:
        return []
    with no_rows_left():
        values = runpy.run_path(path.name).values()
        audits = [finding for value in values if isinstance(value, Audit) for finding in value.findings]
        proved = [finding for value in values if isinstance(value, Proof) for finding in proofs.findings(value)]
    return audits + proved


@contextlib.contextmanager
def no_rows_left() -> Iterator[None]:
    """Takes the operations that a file adds out again, and its module, so that it adds them when it is run again."""
    before, modules = {*TABLE}, {*sys.modules}
    try:
        yield
    finally:
        added = {*TABLE} - before
        for name in added:
            del TABLE[name]
            for backend in BACKENDS:
                backend.spelling.elementwise.pop(name, None)
        for name in {*sys.modules} - modules if added else ():
            if name in ("invalid", "valid"):
                del sys.modules[name]


def cells_of(path: Path) -> list[CellMeta]:
    """The cells of a file as it is now. Raises SpecError."""
    linecache.clearcache()  # it knows files by the name that they were loaded under, and here many have the same
    with contextlib.chdir(path.parent):
        return load([path.name], PATIENCE)


def texts(path: Path) -> list[str]:
    """Each finding of a file as text, with the path as it is seen from the file's folder."""
    return [as_text(finding, path) for finding in findings(path)]


def as_text(finding: Diagnostic, path: Path) -> str:
    """A finding with paths as they are seen from the folder of a file."""
    with contextlib.chdir(path.parent):
        return str(finding)


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
