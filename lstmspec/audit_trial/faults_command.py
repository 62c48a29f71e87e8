"""The command of planted faults: audits under a progress bar, tables by kind and by cell, misses, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import torch
from rich.table import Table

from ..diagnostics import SpecError
from ..loading import load
from ..mutation import percent
from ..terminal import HELP_OPTIONS, json_option, progress, show, summed, write_json
from ._faults import Fault, sample
from ._rules import KINDS
from ._score import LEAST_RIGHT, Outcome, Score, Scores, tried

COLUMNS = ("faults", "same", "equal", "renamed", "missed", "right", "none", "median s", "longest s")
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


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.argument("specs", metavar="[CELL]...", nargs=-1)
@click.option("--limit", default=150, show_default=True, type=click.IntRange(0), help="So many faults; 0 for all.")
@click.option("--each", default=1, show_default=True, type=click.IntRange(0), help="Of a kind in a cell; 0 for all.")
@click.option("--seed", default=0, show_default=True, help="Which ones, where there are more.")
@click.option("--by", type=click.Choice(["kind", "cell"]), default=None, help="One of the two tables; else both.")
@json_option("Write scores.")
def main(specs: tuple[str, ...], limit: int, each: int, seed: int, by: str | None, place: Path | None) -> None:
    """Plant faults in implementations of cells, one at a time, and see whether the audit names them.

    A CELL is what `lstmspec check` takes; all built-in cells without one. Kinds of faults: a stale state for the new
    one or the other way round, a sum for a product, an interpolation swapped, an activation that is missing or another,
    a parameter or some columns of it dead, a bias missing.
    """
    torch.set_num_threads(1)  # arrays are tiny: threads would wait for each other
    try:
        planted = sample([cell.system for cell in load(specs)], each, seed, limit or None)
        report = _tried_with_progress(planted)
    except SpecError as error:
        raise click.UsageError(str(error).strip()) from error
    if by != "cell":
        found = report.by(lambda fault: fault.kind)
        show(_table("kind of fault", report, [(kind, found.get(kind, Scores())) for kind in KINDS]))
    if by != "kind":
        show(_table("cell", report, list(report.by(lambda fault: fault.original.name).items())))
    for score in report.misses:
        click.echo(f"{score}\n")
    click.echo(report.summary)
    if place is not None:
        write_json(place, [_row(score) for score in report.scores])
    sys.exit(0 if report.share >= LEAST_RIGHT else 1)


def _tried_with_progress(faults: Sequence[Fault]) -> Scores:
    with progress() as bar:
        task = bar.add_task("audits", total=len(faults))
        return tried(faults, step=lambda: bar.advance(task))


def _table(title: str, report: Scores, rows: Sequence[tuple[str, Scores]]) -> Table:
    """A line for each kind or cell, and their sum."""
    return summed(title, COLUMNS, [(name, _numbers(scores)) for name, scores in rows], _numbers(report))


def _numbers(report: Scores) -> list[str]:
    total, missed = len(report.counted), len(report.misses)
    right = [report.count(outcome) for outcome in (Outcome.SAME, Outcome.EQUAL, Outcome.RENAMED)]
    longest = max((score.seconds for score in report.scores), default=0.0)
    return [
        *map(str, [total, *right, missed]),
        percent(total - missed, total),
        str(report.count(Outcome.NONE)),
        f"{report.median:.1f}",
        f"{longest:.1f}",
    ]


def _row(score: Score) -> dict[str, object]:
    fault = score.fault
    return {
        "cell": fault.original.name,
        "kind": fault.kind,
        "equation": fault.equation,
        "planted": fault.line,
        "verdict": score.outcome,
        "audit": score.said,
        "seconds": round(score.seconds, 2),
    }
