"""The command of the checker's trial: mutants made and tried under a progress bar, a table, misses, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from ..diagnostics import SpecError
from ..language import System
from ..loading import load
from ..terminal import HELP_OPTIONS, json_option, progress, show, summed, write_json
from ._population import originals, population
from ._report import Counts, TrialReport, percent
from ._trial import tried, unsound

COLUMNS = ("mutants", "ill", "caught", "on it", "", "well", "false", "open", "told", "broken", "refused")
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


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.argument("specs", metavar="[SPEC]...", nargs=-1)
@click.option("--limit", default=4000, show_default=True, type=click.IntRange(0), help="So many mutants; 0 for all.")
@click.option("--seed", default=0, show_default=True, help="Which ones, where there are more.")
@click.option(
    "--misses", "shown", default=20, show_default=True, type=click.IntRange(0), help="So many misses in full."
)
@json_option("Write numbers.")
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
    report = _tried_with_progress(systems, limit or None, seed)
    show(_table(report))
    for miss in report.misses[:shown]:
        click.echo(f"{miss.fault}: {miss.mutant}\n")
    if len(report.misses) > shown:
        click.echo(f"… and {len(report.misses) - shown} more misses; see --misses\n")
    click.echo(report.summary)
    if place is not None:
        write_json(place, {kind: asdict(counts) for kind, counts in report.counts.items()})
    for fault in [*wrong, *report.faults]:
        click.echo(f"error: {fault}", err=True)
    sys.exit(1 if wrong or report.faults else 0)


def _tried_with_progress(systems: Sequence[System], limit: int | None, seed: int) -> TrialReport:
    with progress() as bar:
        task = bar.add_task(f"making mutants of {len(systems)} cells", total=None)
        mutants = list(population(systems, limit, seed))
        bar.update(task, description="mutants", total=len(mutants))
        return tried(mutants, step=lambda: bar.advance(task))


def _table(report: TrialReport) -> Table:
    """A line for each kind, and their sum."""
    rows = [(kind, _numbers(counts)) for kind, counts in report.counts.items()]
    return summed("kind of mutation", COLUMNS, rows, _numbers(report.total))


def _numbers(counts: Counts) -> list[str]:
    of_ill = (counts.mutants, counts.ill, counts.caught, counts.blamed)
    others = (counts.well, counts.false, counts.open, counts.told, counts.broken, counts.refused)
    return [*map(str, of_ill), percent(counts.blamed, counts.caught), *map(str, others)]
