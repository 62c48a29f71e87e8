"""How long things take: values first, then medians, everything that is compared in one run, side by side.

a  check, gradients and generation of all built-in cells, each stage
b  the checker on synthetic cells of 100 to 1000 equations: time per equation, and the exponent of its growth
c  run-time checks as a share of a forward pass
d  the generated LSTM (PyTorch and NumPy) beside torch.nn.LSTM with the same weights

Whatever is timed has been compared with what stands beside it before: a mismatch ends the run with exit code 1.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import click
import torch
from benching import models, stages
from benching.timing import Different, Plan, Result
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

PARTS: Mapping[str, Callable[[Plan], Iterator[Result]]] = {
    "a": stages.stages,
    "b": stages.sizes,
    "c": models.checks,
    "d": models.speeds,
}
EXAMPLES = """\b
Examples:
  python scripts/bench.py                     everything; one to two minutes
  python scripts/bench.py --quick             everything, small: does it run?
  python scripts/bench.py --only d            beside torch.nn.LSTM alone
  python scripts/bench.py --only b --only c   the checker, and run-time checks
  python scripts/bench.py --json out.json     the numbers, for a comparison

\b
Exit 0: measured, whatever the claims. Exit 1: values differ, nothing was timed.
Times are those of one thread; every ratio compares times of the same run."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Small sizes and few repeats.")
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Only this part; may be repeated.")
@click.option("--json", "place", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write results.")
def main(quick: bool, only: tuple[str, ...], place: Path | None) -> None:
    """Time lstmspec and the models that it generates, after verifying their values.

    Parts: (a) check, gradients and generation of the built-in cells; (b) the checker on large cells; (c) run-time
    checks; (d) the generated LSTM beside torch.nn.LSTM.
    """
    torch.set_num_threads(1)
    try:
        results = measured([part for part in PARTS if not only or part in only], quick)
    except Different as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    Console(width=120).print(table(results))
    if place is not None:
        place.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


def measured(parts: Sequence[str], quick: bool) -> list[Result]:
    """All results, under a progress bar."""
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        plan = Plan(quick, lambda text: progress.update(task, advance=1, description=text))
        task = progress.add_task("starting", total=sum(steps(part, plan) for part in parts))
        return [result for part in parts for result in PARTS[part](plan)]


def steps(part: str, plan: Plan) -> int:
    """How often a part says what it does: the length of its bar."""
    rows, sizes = plan.pick(models.ROWS, models.QUICK_ROWS), plan.pick(stages.SIZES, stages.QUICK_SIZES)
    return {"a": 4, "b": len(sizes), "c": 4, "d": 2 * len(rows)}[part]


def table(results: Sequence[Result]) -> Table:
    """The results as a table, a section for each part."""
    drawn = Table("", "what", box=SIMPLE_HEAD)
    for name in ("median ms", "ratio"):
        drawn.add_column(name, justify="right")
    drawn.add_column("of what")
    drawn.add_column("claim")
    ends = {left for left, right in pairwise(results) if left.part != right.part}
    for result in results:
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        claim = "" if result.holds is None else "holds" if result.holds else "FAILS"
        cells = (result.part, result.name, f"{result.ms:.3f}", ratio, result.unit, claim)
        drawn.add_row(*cells, end_section=result in ends)
    return drawn


if __name__ == "__main__":
    # NumPy's BLAS reads this when it is loaded.
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})
    main()
