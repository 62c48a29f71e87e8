"""The built-in cells beside what others wrote: the papers' equations, torch.nn, ONNX Runtime, torchrecurrent.

What a cell's generated models compute, in NumPy and in PyTorch, is compared with something that knows nothing of the
cell's spec: outputs, last states, gradients of parameters, inputs and first states, and second derivatives.
"""

import difflib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click
import torch
from conforming import document
from conforming.planting import Planted, planted
from conforming.table import ROWS
from conforming.trial import EXACT, KINDS, SECOND, SINGLE, Result, compared
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lstmspec import CellMeta, zoo
from lstmspec.auditor import Kind

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
DOCUMENT = ROOT / "lstmspec" / "zoo" / "README.md"
EXAMPLES = f"""\b
Examples:
  python scripts/conform.py               every built-in cell, some seconds
  python scripts/conform.py LSTM GRU      these cells
  python scripts/conform.py --write       the table into {DOCUMENT.relative_to(ROOT)}
  python scripts/conform.py --check       whether the table there is that of now (its digits may be others)
  python scripts/conform.py --plant       does the comparison see a spec that is wrong in one place? half a minute
  python scripts/conform.py --plant -v    each edit that it does not see, with the reason

\b
How to read the table: a number is the largest difference from the oracle, relative to the largest value of the array,
of the worse backend. The bounds are {EXACT:.0e}, {SECOND:.0e} for second derivatives, and {SINGLE:.0e} for an oracle
that has float32 alone. `paper` is a transcription of the paper's equations. A library that computes something else
than the paper is listed with what it computes, and must differ. Of planted edits, `equivalent` ones compute the same:
for most that is proved; the others are listed with the reason. What is `missed` has no reason.

\b
Exit 0: all within bounds, nothing missed. Exit 1: something is not, a cell has no oracle, or the table is stale.
Exit 2: could not run."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
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
    text = documented() if write or check else ""
    torch.set_num_threads(1)  # arrays are tiny here: threads that wait for each other take longer
    cells = zoo.cells()
    chosen = chosen_of(names, cells)
    if plant:
        sys.exit(1 if said_of(tried(chosen), verbose) else 0)
    results = measured(chosen)
    console = Console(width=max(120, Console().width))
    console.print(drawn(results))
    faults = [fault for result in results for fault in result.faults]
    faults += [f"{name} has no row in scripts/conforming/table.py" for name in chosen if name not in ROWS]
    click.echo(summary(results, len(chosen)))
    if write and not faults:
        DOCUMENT.write_text(document.written(text, document.table(results, cells)), encoding="utf-8")
    if check and (difference := document.stale(text, document.table(results, cells))):
        click.echo("\n".join(difference))
        faults.append(f"{DOCUMENT.relative_to(ROOT)} is stale; see --write")
    for fault in faults:
        click.echo(f"error: {fault}", err=True)
    sys.exit(1 if faults else 0)


def chosen_of(names: Sequence[str], cells: Mapping[str, CellMeta]) -> dict[str, CellMeta]:
    """Cells in the order of the table, those without a row last."""
    for name in names:
        if name not in cells:
            near = difflib.get_close_matches(name, cells, 1)
            raise click.UsageError(f"no built-in cell `{name}`" + (f"; is `{near[0]}` meant?" if near else ""))
    order = [*(name for name in ROWS if name in cells), *(name for name in cells if name not in ROWS)]
    return {name: cells[name] for name in order if not names or name in names}


def documented() -> str:
    """The documentation as it is, with a place for the table."""
    try:
        text = DOCUMENT.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot read {DOCUMENT}: {error.strerror}") from error
    try:
        document.written(text, "")
    except document.NoMarksError as error:
        raise click.UsageError(f"{DOCUMENT}: {error}") from error
    return text


def measured(cells: Mapping[str, CellMeta]) -> list[Result]:
    """Every cell beside each of its oracles, under a progress bar."""
    work = [(cell, ROWS[name], oracle) for name, cell in cells.items() if name in ROWS for oracle in ROWS[name].oracles]
    return [compared(*parts) for parts in under_bar(work, lambda parts: parts[0].__name__)]


def tried(cells: Mapping[str, CellMeta]) -> list[Planted]:
    """Every edit of every cell, under a progress bar."""
    work = [cell for name, cell in cells.items() if name in ROWS]
    return [edit for cell in under_bar(work, lambda cell: cell.__name__) for edit in planted(cell, ROWS[cell.__name__])]


def under_bar(work: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """Each piece of work, while a progress bar says which."""
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=len(work))
        for piece in work:
            progress.update(task, description=name(piece))
            yield piece
            progress.advance(task)


def said_of(edits: Sequence[Planted], verbose: bool) -> bool:
    """Print what became of planted edits; whether one was missed."""
    drawn = Table("kind of edit", box=SIMPLE_HEAD)
    for column in ("planted", "seen", "equivalent", "missed"):
        drawn.add_column(column, justify="right")
    for kind in Kind:
        if own := [edit for edit in edits if edit.edit.kind is kind]:
            counts = len(own), sum(edit.seen for edit in own), sum(edit.reason is not None for edit in own)
            drawn.add_row(kind.value, *map(str, (*counts, sum(edit.missed for edit in own))))
    Console(width=max(120, Console().width)).print(drawn)
    reasons = Counter(edit.reason.text for edit in edits if edit.reason is not None)
    for reason, count in reasons.most_common():
        click.echo(f"equivalent, {count}: {reason}")
        for edit in edits:
            if edit.reason is not None and edit.reason.text == reason and (verbose or not edit.reason.proved):
                click.echo(f"  {edit}")
    click.echo(
        f"{len(edits)} edits: {sum(edit.seen for edit in edits)} seen, "
        f"{reasons.total()} of the others compute the same, {sum(edit.missed for edit in edits)} missed"
    )
    for edit in edits:
        if edit.missed:
            click.echo(f"error: not seen: {edit}", err=True)
    return any(edit.missed for edit in edits)


def summary(results: Sequence[Result], cells: int) -> str:
    """The numbers in a line, as CI prints them."""
    beside = [result for result in results if not result.oracle.differs]
    good = sum(not result.faults for result in beside)
    return f"{cells} cells: {good} of {len(beside)} comparisons within their bounds"


def drawn(results: Sequence[Result]) -> Table:
    """A line for each cell and oracle, the cell's name on the first."""
    table = Table("cell", "oracle", box=SIMPLE_HEAD)
    for kind in KINDS:
        table.add_column(kind, justify="right")
    table.add_column("", no_wrap=True)
    before = None
    for result in results:
        errors = ["" if error is None else f"{error:.0e}" for error in map(result.error, KINDS)]
        differs = f"differs: {result.oracle.differs}" if result.oracle.differs else ""
        name = result.cell if result.cell != before else ""
        table.add_row(name, result.oracle.name, *errors, "[red]FAILS[/red]" if result.faults else differs)
        before = result.cell
    return table


if __name__ == "__main__":
    main()
