"""The command of libraries' cells: audits under a progress bar, a table here or in the documentation, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import torch
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ..documents import DocumentError
from ..terminal import HELP_OPTIONS, progress, refusing, show
from ._document import DOCUMENT, table
from ._libraries import LibraryAudit, audited, counted
from ._library_rows import LibraryRow, LibraryRowError, library_rows

EXAMPLES = f"""\b
Examples:
  python scripts/audit_libraries.py              every cell of a library that has a spec, a minute
  python scripts/audit_libraries.py NAS MUT1     these cells
  python scripts/audit_libraries.py --notes      with what was read in paper and source
  python scripts/audit_libraries.py --write      table and notes into {DOCUMENT.name}
  python scripts/audit_libraries.py --check      whether the table there is that of now (its digits may be others)

\b
How to read the table: `audit` is what the audit says of the code, `computes` the equation as the code has it, where
that is another than the cell's. Of gradients it is the largest difference from a complex step.

\b
Exit 0: every audit says what is known of the code. Exit 1: one does not, or the table is stale. Exit 2: bad options."""


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.argument("names", metavar="[CELL]...", nargs=-1)
@click.option("--notes", is_flag=True, help="Also print what was read where code and paper differ.")
@click.option("--write", is_flag=True, help="Write table and notes into the documentation of the audit.")
@click.option("--check", is_flag=True, help="Say whether the table in the documentation is that of now.")
def main(names: tuple[str, ...], notes: bool, write: bool, check: bool) -> None:
    """Audit the recurrent cells of torch.nn and torchrecurrent against the built-in cells.

    CELLs are names of built-in cells; all that have a row without one.
    """
    if names and (write or check):
        raise click.UsageError("the documentation has every row: --write and --check take no CELL")
    if write or check:
        with refusing(DocumentError):
            DOCUMENT.read()
    torch.set_num_threads(1)  # arrays are tiny: threads would wait for each other
    results = _audited_with_progress(_chosen(names))
    show(_drawn(results), width=140)
    if notes:
        for result in results:
            for note in result.row.notes:
                click.echo(f"{result.row.cell}, {result.row.code}: {note}")
    counts = counted(results)
    click.echo(f"{len(results)} audits: {counts['agree']} agree, {counts['differ']} differ as the source says")
    faults = [result.fault for result in results if result.fault]
    if write and not faults:
        with refusing(DocumentError):
            DOCUMENT.write(table(results))
    if check:
        faults += DOCUMENT.stale(table(results))
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def _chosen(names: Sequence[str]) -> list[LibraryRow]:
    """The rows of these cells; all rows for none. Raises UsageError."""
    rows = library_rows()
    known = dict.fromkeys(row.cell.lower() for row in rows)
    if unknown := [name for name in names if name.lower() not in known]:
        raise click.UsageError(f"no library's code is known for {', '.join(unknown)}; known are {', '.join(known)}")
    wanted = {name.lower() for name in names} or set(known)  # membership only
    return [row for row in rows if row.cell.lower() in wanted]


def _audited_with_progress(rows: Sequence[LibraryRow]) -> list[LibraryAudit]:
    with progress() as bar:
        with refusing(LibraryRowError):
            return list(bar.track(audited(rows), total=len(rows), description="audits"))


def _drawn(results: Sequence[LibraryAudit]) -> Table:
    """The table for a terminal."""
    shown = Table(box=SIMPLE_HEAD)
    for name in ("cell", "code", "audit", "computes", "gradients", "s"):
        shown.add_column(name, justify="right" if name in ("gradients", "s") else "left", overflow="fold")
    for result in results:
        line = result.edits[-1] if result.edits else ""
        seconds = f"{result.seconds:.1f}"
        shown.add_row(result.row.cell, result.row.code, result.verdict, line, result.gradients, seconds)
    return shown
