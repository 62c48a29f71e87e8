"""Cells of libraries beside the equations: torch.nn and torchrecurrent, audited; which agree, and what others compute.

Nothing is told to the audit but sizes: the mapping of weights is found. What an audit says is compared with what was
read in the library's source, so that this is a test of the audit too.
"""

import difflib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import torch
from auditing.document import Result, counted, table, verdicts, written
from auditing.libraries import ROWS, Row
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lstmspec import audit, zoo
from lstmspec.cli._foreign_code import made

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "lstmspec" / "auditor" / "README.md"
SIZES = (5, 7, 11)  # of the dimension symbols, in declared order
EXAMPLES = f"""\b
Examples:
  python scripts/audit_libraries.py              every cell of a library that has a spec, a minute
  python scripts/audit_libraries.py NAS MUT1     these cells
  python scripts/audit_libraries.py --notes      with what was read in paper and source
  python scripts/audit_libraries.py --write      table and notes into {DOCUMENT.relative_to(ROOT)}
  python scripts/audit_libraries.py --check      whether the table there is that of now (its digits may be others)

\b
How to read the table: `audit` is what the audit says of the code, `computes` the equation as the code has it, where
that is another than the cell's. Of gradients it is the largest difference from a complex step.

\b
Exit 0: every audit says what is known of the code. Exit 1: one does not, or the table is stale. Exit 2: bad options."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
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
    known = dict.fromkeys(row.cell.lower() for row in ROWS)
    if unknown := [name for name in names if name.lower() not in known]:
        raise click.UsageError(f"no library's code is known for {', '.join(unknown)}; known are {', '.join(known)}")
    torch.set_num_threads(1)  # arrays are tiny: threads would wait for each other
    wanted = {name.lower() for name in names} or set(known)  # membership only
    results = audited([row for row in ROWS if row.cell.lower() in wanted])
    console = Console(width=max(140, Console().width))
    console.print(drawn(results))
    if notes:
        for result in results:
            for note in result.row.notes:
                click.echo(f"{result.row.cell}, {result.row.code}: {note}")
    counts = counted(results)
    click.echo(f"{len(results)} audits: {counts['agree']} agree, {counts['differ']} differ as the source says")
    faults = [result.fault for result in results if result.fault]
    text = DOCUMENT.read_text(encoding="utf-8") if write or check else ""
    if write and not faults:
        DOCUMENT.write_text(written(text, table(results)), encoding="utf-8")
    if check:
        new = written(text, table(results))
        difference = difflib.unified_diff(verdicts(text), verdicts(new), "documented", "found", "", "", 0, "")
        faults += list(difference)
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def audited(rows: Sequence[Row]) -> list[Result]:
    """The audits, under a progress bar."""
    cells, found = zoo.cells(), []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for row in progress.track(rows, description="audits"):
            cell = cells[row.cell]
            sizes = dict(zip(cell.shapes.dims, SIZES, strict=False))
            if "p" in sizes:
                sizes["p"] = 3  # a projection is smaller than what it projects
            code, arrays, name = made(row.code, sizes)
            start = time.perf_counter()
            report = audit(cell, code, arrays=arrays, sizes=sizes, constants=row.constants, name=name)
            found.append(Result(row, report, time.perf_counter() - start))
    return found


def drawn(results: Sequence[Result]) -> Table:
    """The table for a terminal."""
    shown = Table(box=SIMPLE_HEAD)
    for name in ("cell", "code", "audit", "computes", "gradients", "s"):
        shown.add_column(name, justify="right" if name in ("gradients", "s") else "left", overflow="fold")
    for result in results:
        line = result.edits[-1] if result.edits else ""
        seconds = f"{result.seconds:.1f}"
        shown.add_row(result.row.cell, result.row.code, result.verdict, line, result.gradients, seconds)
    return shown


if __name__ == "__main__":
    main()
