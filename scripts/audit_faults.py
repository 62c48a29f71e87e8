"""The audit on trial: faults planted in implementations of the built-in cells, and whether it names each of them.

Each fault is planted in the equations by rules that know nothing of the audit; the implementation is the generated
PyTorch module of the faulty equations, made in memory. It is audited against the cell as it should be, and is told
neither sizes nor where a parameter lies. The audit must name the equation at fault, and an edit that is the fault.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import torch
from auditing.faults import Fault, sample
from auditing.rules import KINDS
from auditing.score import NONE, Report, Score, described, tried
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lstmspec import SpecError
from lstmspec.loading._load import load

LEAST = 0.95  # the share that must be right
EXAMPLES = """\b
Examples:
  python scripts/audit_faults.py                       150 faults of the built-in cells, some minutes
  python scripts/audit_faults.py --limit 0 --each 2    two of every kind in every cell, half an hour
  python scripts/audit_faults.py lstm gru --each 0     every fault of these cells
  python scripts/audit_faults.py mine.py:Mine          the faults of a cell of yours
  python scripts/audit_faults.py --seed 1              others
  python scripts/audit_faults.py --json out.json       each fault with what the audit says of it

\b
How to read the table: of `faults`, `same` are those where the audit names the equation and the edit as planted, `equal`
where it names an edit that is the same function, `renamed` where that holds once parameters have other names, which
nobody can tell apart from outside. `none` are no faults: the cell is as it was under other names of its parameters
(that is computed, not believed), and the audit has to say that it agrees. All others are misses, printed in full.

\b
Exit 0: 95 % are right. Exit 1: fewer are. Exit 2: a SPEC cannot be loaded."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("specs", metavar="[CELL]...", nargs=-1)
@click.option("--limit", default=150, show_default=True, type=click.IntRange(0), help="So many faults; 0 for all.")
@click.option("--each", default=1, show_default=True, type=click.IntRange(0), help="Of a kind in a cell; 0 for all.")
@click.option("--seed", default=0, show_default=True, help="Which ones, where there are more.")
@click.option("--by", type=click.Choice(["kind", "cell"]), default=None, help="One of the two tables; else both.")
@click.option("--json", "place", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write scores.")
def main(specs: tuple[str, ...], limit: int, each: int, seed: int, by: str | None, place: Path | None) -> None:
    """Plant faults in implementations of cells, one at a time, and see whether the audit names them.

    A CELL is what `lstmspec check` takes; all built-in cells without one. Kinds of faults: a stale state for the new
    one or the other way round, a sum for a product, an interpolation swapped, an activation that is missing or another,
    a parameter or some columns of it dead, a bias missing.
    """
    torch.set_num_threads(1)  # arrays are tiny: threads would wait for each other
    try:
        systems = [cell.system for cell in load(specs)]
    except SpecError as error:
        raise click.UsageError(str(error).strip()) from error
    faults = sample(systems, each, seed, limit or None)
    report = tried_with_progress(faults)
    console = Console(width=max(120, Console().width))
    if by != "cell":
        console.print(
            table("kind of fault", report, [(kind, report.by(lambda f: f.kind).get(kind, [])) for kind in KINDS])
        )
    if by != "kind":
        console.print(table("cell", report, list(report.by(lambda fault: fault.original.name).items())))
    for score in report.misses:
        click.echo(f"{described(score)}\n")
    click.echo(summary(report))
    if place is not None:
        place.write_text(json.dumps([_row(score) for score in report.scores], indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if report.share >= LEAST else 1)


def tried_with_progress(faults: Sequence[Fault]) -> Report:
    """The report, under a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("audits", total=len(faults))
        return tried(faults, step=lambda: progress.advance(task))


def table(title: str, report: Report, rows: Sequence[tuple[str, Sequence[Score]]]) -> Table:
    """A line for each kind or cell, and their sum."""
    drawn = Table(title, box=SIMPLE_HEAD)
    for name in ("faults", "same", "equal", "renamed", "missed", "right", "none", "median s", "longest s"):
        drawn.add_column(name, justify="right")
    for at, (name, scores) in enumerate(rows):
        drawn.add_row(name, *_numbers(Report(list(scores))), end_section=at == len(rows) - 1)
    drawn.add_row("all", *_numbers(report))
    return drawn


def summary(report: Report) -> str:
    """The numbers in a line, as CI prints them."""
    right, total = len(report.counted) - len(report.misses), len(report.counted)
    none = len(report.scores) - total
    return (
        f"{total} faults planted: equation and edit named for {right} ({percent(right, total)}, at least "
        f"{100 * LEAST:.0f} %); {none} more are none; the median audit took {_median(report):.1f} s"
    )


def percent(part: int, whole: int) -> str:
    """A part of a whole in percent, never rounded up to all of it."""
    return f"{int(1000 * part / whole) / 10:.1f} %" if whole else "–"


def _numbers(report: Report) -> list[str]:
    verdicts = [score.verdict for score in report.scores]
    counts = [len(report.counted), *(verdicts.count(verdict) for verdict in ("same", "equal", "renamed"))]
    right = len(report.counted) - len(report.misses)
    longest = max((score.seconds for score in report.scores), default=0.0)
    return [
        *map(str, counts),
        str(len(report.misses)),
        percent(right, len(report.counted)),
        str(verdicts.count(NONE)),
        f"{_median(report):.1f}",
        f"{longest:.1f}",
    ]


def _median(report: Report) -> float:
    return statistics.median(score.seconds for score in report.scores) if report.scores else 0.0


def _row(score: Score) -> dict[str, object]:
    fault = score.fault
    return {
        "cell": fault.original.name,
        "kind": fault.kind,
        "equation": fault.equation,
        "planted": fault.line,
        "verdict": score.verdict,
        "audit": score.said,
        "seconds": round(score.seconds, 2),
    }


if __name__ == "__main__":
    main()
