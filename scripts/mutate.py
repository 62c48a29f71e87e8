"""The checker against mutants: shape faults planted by machine, and what evaluation says of each.

Whether a mutant is ill-shaped is decided without the checker: its equations are evaluated at sets of distinct sizes,
and sizes that are not declared are searched for. Then the checker must refuse what does not evaluate, name the
equation that was mutated, and accept the rest.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from mutating.population import originals, population
from mutating.trial import BLAME, Report, Row, share, tried, unsound
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lstmspec import SpecError
from lstmspec.language import System
from lstmspec.loading._load import load

EXAMPLES = """\b
Examples:
  python scripts/mutate.py                      4000 mutants of the built-in cells, about a minute
  python scripts/mutate.py --limit 0            every mutant
  python scripts/mutate.py --seed 1             another sample
  python scripts/mutate.py lstm mine.py:Mine    the mutants of these cells
  python scripts/mutate.py --misses 100         more of what the checker got wrong
  python scripts/mutate.py --json out.json      the numbers, for a comparison

\b
How to read the table: `ill` mutants do not evaluate, `caught` of them have an error, and of `on it` the first error is
on the mutated equation (or on one that reads the mutated declaration). `well` mutants evaluate; an error is `false`.
`open` ones evaluate with several sizes; `told` of them are said to be undetermined. `broken` ones have no next value
or no order.

\b
Exit 0: every bound is met. Exit 1: one is not, and the misses are printed. Exit 2: a SPEC cannot be loaded."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("specs", metavar="[SPEC]...", nargs=-1)
@click.option("--limit", default=4000, show_default=True, type=click.IntRange(0), help="So many mutants; 0 for all.")
@click.option("--seed", default=0, show_default=True, help="Which ones, where there are more.")
@click.option(
    "--misses", "shown", default=20, show_default=True, type=click.IntRange(0), help="So many misses in full."
)
@click.option("--json", "place", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write numbers.")
def main(specs: tuple[str, ...], limit: int, seed: int, shown: int, place: Path | None) -> None:
    """Plant shape faults in cells, one at a time, and see whether the checker finds them.

    A SPEC is what `lstmspec check` takes; all built-in cells without one. Each cell is mutated as it is written and
    with every shape declared. The bounds: every ill-shaped mutant is caught, the first finding is on the mutated
    equation in 95 % of them, no well-shaped one has an error.
    """
    try:
        systems = originals(cell.system for cell in load(specs))
    except SpecError as error:
        raise click.UsageError(str(error).strip()) from error
    wrong = unsound(systems)
    report = tried_with_progress(systems, limit or None, seed)
    console = Console(width=max(120, Console().width))
    console.print(table(report))
    for what, text in report.misses[:shown]:
        click.echo(f"{what}: {text}\n")
    if len(report.misses) > shown:
        click.echo(f"… and {len(report.misses) - shown} more misses; see --misses\n")
    click.echo(summary(report))
    if place is not None:
        numbers = {kind: asdict(row) for kind, row in report.rows.items()}
        place.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    for fault in [*wrong, *report.faults]:
        click.echo(f"error: {fault}", err=True)
    sys.exit(1 if wrong or report.faults else 0)


def tried_with_progress(systems: Sequence[System], limit: int | None, seed: int) -> Report:
    """The report, under a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"making mutants of {len(systems)} cells", total=None)
        mutants = list(population(systems, limit, seed))
        progress.update(task, description="mutants", total=len(mutants))
        return tried(mutants, step=lambda: progress.advance(task))


def summary(report: Report) -> str:
    """The numbers in a line, as CI prints them."""
    total, least = report.total, f"at least {100 * BLAME:.0f} %"
    return (
        f"{total.mutants} mutants: {total.caught} of {total.ill} ill-shaped ones caught, "
        f"the first finding on the mutated equation in {share(total.blamed, total.caught)} ({least}); "
        f"{total.false} of {total.well} well-shaped ones with an error; "
        f"{total.told} of {total.open} undetermined ones told; {total.refused} of {total.broken} broken ones refused"
    )


def table(report: Report) -> Table:
    """A line for each kind, and their sum."""
    drawn = Table("kind of mutation", box=SIMPLE_HEAD)
    for name in ("mutants", "ill", "caught", "on it", "", "well", "false", "open", "told", "broken", "refused"):
        drawn.add_column(name, justify="right")
    last = list(report.rows)[-1]
    for kind, row in report.rows.items():
        drawn.add_row(kind, *_numbers(row), end_section=kind == last)
    drawn.add_row("all", *_numbers(report.total))
    return drawn


def _numbers(row: Row) -> list[str]:
    counts = [row.mutants, row.ill, row.caught, row.blamed, None, row.well, row.false, row.open, row.told, row.broken]
    cells = [share(row.blamed, row.caught) if count is None else str(count) for count in counts]
    return [*cells, str(row.refused)]


if __name__ == "__main__":
    main()
