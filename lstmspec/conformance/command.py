"""The command of the comparison: models made and run under a progress bar, a table, faults, an exit code."""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import click
import torch
from rich.box import SIMPLE_HEAD
from rich.table import Table

from .. import zoo
from ..auditor import Kind
from ..cell import CellMeta
from ..documents import DocumentError
from ..emit import imported
from ..procedure import folder
from ..proofs import runners
from ..terminal import HELP_OPTIONS, progress, refusing, require, show
from ..zoo.counterparts import LIBRARIES, ROWS, Row
from ._document import DOCUMENT, table
from ._planting import TriedEdit, tried_edits
from ._trial import EXACT, KINDS, SECOND, SINGLE, Compared, compared

WHERE = "lstmspec/zoo/counterparts/table.py"
EXAMPLES = f"""\b
Examples:
  python scripts/conform.py               every built-in cell, a quarter of a minute
  python scripts/conform.py LSTM GRU      these cells
  python scripts/conform.py --write       the table into {DOCUMENT.name}
  python scripts/conform.py --check       whether the table there is that of now (its digits may be others)
  python scripts/conform.py --plant       does the comparison see a spec that is wrong in one place? half a minute
  python scripts/conform.py --plant -v    each edit that it does not see, with the reason

\b
How to read the table: a number is the largest difference from the counterpart, relative to the largest value of the
array, of the worst model. The bounds are {EXACT:.0e}, {SECOND:.0e} for second derivatives, and {SINGLE:.0e} for a
counterpart that has float32 alone. `paper` is a transcription of the paper's equations. A library that computes
something else than the paper is listed with what it computes, and must differ. Of planted edits, `equivalent` ones
compute the same: for most that is proved; the others are listed with the reason. What is `missed` has no reason.

\b
Exit 0: all within bounds, nothing missed. Exit 1: something is not, a cell has no row, or the table is stale.
Exit 2: could not run."""


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.argument("names", metavar="[CELL]...", nargs=-1)
@click.option("--write", is_flag=True, help="Write the table into the documentation of the built-in cells.")
@click.option("--check", is_flag=True, help="Say whether the table in the documentation is that of now.")
@click.option("--plant", is_flag=True, help="Edit the specs in one place each, and count which edits are seen.")
@click.option("-v", "verbose", is_flag=True, help="With --plant: list every edit that is not seen.")
def main(names: tuple[str, ...], write: bool, check: bool, plant: bool, verbose: bool) -> None:
    """Compare the generated models of built-in cells with independent implementations.

    CELLs are names of built-in cells; all of them without one.
    """
    if names and (write or check):
        raise click.UsageError("the documentation has every cell: --write and --check take no CELL")
    if plant and (write or check):
        raise click.UsageError("--plant compares no models: it goes without --write and --check")
    require(LIBRARIES, "test")
    if write or check:
        with refusing(DocumentError):
            DOCUMENT.read()
    torch.set_num_threads(1)  # arrays are tiny here: threads that wait for each other take longer
    cells = zoo.cells()
    chosen = _chosen(names, cells)
    rows = {name: (cell, ROWS[name]) for name, cell in chosen.items() if name in ROWS}
    if plant:
        sys.exit(1 if _show_edits(list(_tried(rows)), verbose) else 0)
    results = list(_compared(rows))
    show(_drawn(results))
    click.echo(_summary(results, len(chosen)))
    faults = [fault for result in results for fault in result.faults]
    faults += [f"{name} has no row in {WHERE}" for name in chosen if name not in rows]
    if write and not faults:
        with refusing(DocumentError):
            DOCUMENT.write(table(results, cells))
    if check and (stale := DOCUMENT.stale(table(results, cells))):
        click.echo("\n".join(stale))
        faults.append(f"{DOCUMENT.path} is stale; see --write")
    for fault in faults:
        click.echo(f"error: {fault}", err=True)
    sys.exit(1 if faults else 0)


def _chosen(names: Sequence[str], cells: Mapping[str, CellMeta]) -> dict[str, CellMeta]:
    """Cells in the order of the table, those without a row last. Raises UsageError."""
    known = {name.lower(): name for name in cells}
    for name in names:
        if name.lower() not in known:
            near = difflib.get_close_matches(name.lower(), known, 1)
            raise click.UsageError(f"no built-in cell `{name}`" + (f"; is `{known[near[0]]}` meant?" if near else ""))
    wanted = {known[name.lower()] for name in names} or set(cells)  # membership only
    order = [*(name for name in ROWS if name in cells), *(name for name in cells if name not in ROWS)]
    return {name: cells[name] for name in order if name in wanted}


def _compared(rows: Mapping[str, tuple[CellMeta, Row]]) -> Iterator[Compared]:
    """Every cell beside each of its counterparts, under a progress bar."""
    for cell, row in _under_bar(rows):
        with imported([cell.system]) as package:
            models = runners(package, folder(cell.__name__))
            for counterpart in row.counterparts:
                yield compared(cell, row, counterpart, models)


def _tried(rows: Mapping[str, tuple[CellMeta, Row]]) -> Iterator[TriedEdit]:
    """Every edit of every cell, under a progress bar."""
    for cell, row in _under_bar(rows):
        yield from tried_edits(cell, row)


def _under_bar(rows: Mapping[str, tuple[CellMeta, Row]]) -> Iterator[tuple[CellMeta, Row]]:
    """Each cell with its row, while a progress bar says which."""
    with progress() as bar:
        task = bar.add_task("starting", total=len(rows))
        for name, row in rows.items():
            bar.update(task, description=name)
            yield row
            bar.advance(task)


def _show_edits(edits: Sequence[TriedEdit], verbose: bool) -> bool:
    """Print the fates of edits; whether one was missed."""
    drawn = _table("kind of edit", ("planted", "seen", "equivalent", "missed"))
    for kind in Kind:
        if own := [edit for edit in edits if edit.edit.kind is kind]:
            drawn.add_row(kind.value, *map(str, _counts(own)))
    show(drawn)
    reasons = Counter(edit.reason.text for edit in edits if edit.reason is not None)
    for reason, count in reasons.most_common():
        click.echo(f"equivalent, {count}: {reason}")
        for edit in edits:
            if edit.reason is not None and edit.reason.text == reason and (verbose or not edit.reason.proved):
                click.echo(f"  {edit}")
    total, seen, same, missed = _counts(edits)
    click.echo(f"{total} edits: {seen} seen, {same} of the others compute the same, {missed} missed")
    for edit in edits:
        if edit.missed:
            click.echo(f"error: not seen: {edit}", err=True)
    return missed > 0


def _counts(edits: Sequence[TriedEdit]) -> tuple[int, int, int, int]:
    """Planted, seen, equivalent, missed."""
    seen, same = sum(edit.seen for edit in edits), sum(edit.reason is not None for edit in edits)
    return len(edits), seen, same, sum(edit.missed for edit in edits)


def _summary(results: Sequence[Compared], cells: int) -> str:
    """The numbers in a line, as CI prints them."""
    beside = [result for result in results if not result.counterpart.differs]
    good = sum(not result.faults for result in beside)
    return f"{cells} cells: {good} of {len(beside)} comparisons within their bounds"


def _drawn(results: Sequence[Compared]) -> Table:
    """A line for each cell and counterpart, the cell's name on the first."""
    drawn = _table("cell", ("counterpart", *KINDS, ""))
    drawn.columns[1].justify = drawn.columns[-1].justify = "left"
    before = ""
    for result in results:
        errors = ["" if error is None else f"{error:.0e}" for error in map(result.error, KINDS)]
        differs = f"differs: {result.counterpart.differs}" if result.counterpart.differs else ""
        name = result.cell if result.cell != before else ""
        said = "[red]FAILS[/red]" if result.faults else differs
        drawn.add_row(name, result.counterpart.name, *errors, said)
        before = result.cell
    return drawn


def _table(head: str, columns: Iterable[str]) -> Table:
    drawn = Table(head, box=SIMPLE_HEAD)
    for name in columns:
        drawn.add_column(name, justify="right", no_wrap=not name)
    return drawn
