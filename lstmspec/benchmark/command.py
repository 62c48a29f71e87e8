"""The command of times: values verified, then measured under a progress bar, a table, an exit code."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import click
import torch
from rich.box import SIMPLE_HEAD
from rich.table import Table

from .. import zoo
from ..terminal import HELP_OPTIONS, json_option, progress, refusing, show, write_json
from . import _models as models
from . import _pipeline as pipeline
from ._counterpart import TheirCode, their_codes
from ._subject import NoModels, Subject, subjects
from ._timing import Different, Plan, Timing

PARTS = ("a", "b", "c", "d")
OF_MODELS = ("c", "d")
EXAMPLES = """\b
Examples:
  python scripts/bench.py                     everything; one to two minutes
  python scripts/bench.py --quick             everything, small: does it run?
  python scripts/bench.py --only d            beside PyTorch's own module alone
  python scripts/bench.py --only d --cell gru --cell elman
  python scripts/bench.py --only d --every    each cell that PyTorch has a module of
  python scripts/bench.py --models src/models the models there, as `lstmspec generate` wrote them
  python scripts/bench.py --only b --only c   the checker, and run-time checks
  python scripts/bench.py --json out.json     the numbers, for a comparison

\b
Exit 0: measured, whatever the claims. Exit 1: values differ, nothing was timed. Exit 2: could not run.
Times are those of one thread; every ratio compares times of the same run."""


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.option("--quick", is_flag=True, help="Small sizes and few repeats.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Only this part; may be repeated.")
@click.option("--cell", "names", multiple=True, metavar="NAME", help="A cell for parts c and d; may be repeated.")
@click.option("--every", is_flag=True, help="For parts c and d, every cell that PyTorch has a module of.")
@click.option(
    "--models",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The generated folder whose models are timed; without it they are generated now.",
)
@json_option("Write results.")
def main(
    quick: bool,
    only: tuple[str, ...],
    names: tuple[str, ...],
    every: bool,
    folder: Path | None,
    place: Path | None,
) -> None:
    """Time lstmspec and the models that it generates, after verifying their values.

    Parts: (a) check, gradients and generation of the built-in cells; (b) the checker on large cells; (c) run-time
    checks; (d) generated models of all backends beside PyTorch's own module with the same weights.
    """
    parts = [part for part in PARTS if not only or part in only]
    of_models = any(part in OF_MODELS for part in parts)
    if (names or every or folder) and not of_models:
        raise click.UsageError("--cell, --every and --models are about parts c and d")
    if names and every:
        raise click.UsageError("--every has every cell: it goes without --cell")
    torch.set_num_threads(1)
    try:
        with refusing(NoModels), subjects(_codes(names, every) if of_models else (), folder) as found:
            timings = _measured(parts, quick, found)
    except Different as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        if folder is None or isinstance(error, click.ClickException):
            raise
        # The models are the user's, and may do anything.
        click.echo(f"error: the models in {folder} fail: {type(error).__name__}: {error}", err=True)
        sys.exit(1)
    show(table(timings))
    if place is not None:
        write_json(place, [asdict(timing) for timing in timings])


def run() -> None:
    """The command in a process whose BLAS has one thread, which it reads when it is loaded."""
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})
    main()


def _codes(names: Sequence[str], every: bool) -> list[TheirCode]:
    """PyTorch's code for the cells that are asked for; of the first one with a layout for none. Raises UsageError."""
    known = {code.cell.__name__.lower(): code for code in their_codes(zoo.cells())}
    for name in names:
        if name.lower() not in known:
            near = difflib.get_close_matches(name.lower(), known, 1)
            guess = f"; is `{near[0]}` meant?" if near else ""
            raise click.UsageError(f"PyTorch has no module of a cell `{name}`, but of {', '.join(known)}{guess}")
    codes = list(known.values())
    return [known[name] for name in dict.fromkeys(map(str.lower, names))] if names else codes if every else codes[:1]


def _measured(parts: Sequence[str], quick: bool, found: Sequence[Subject]) -> list[Timing]:
    """All timings, under a progress bar."""
    with progress() as bar:
        plan = Plan(quick, lambda text: bar.update(task, advance=1, description=text))
        task = bar.add_task("starting", total=sum(steps(part, plan, found) for part in parts))
        return [timing for part in parts for timing in _part(part, plan, found)]


def _part(part: str, plan: Plan, found: Sequence[Subject]) -> Iterator[Timing]:
    if part in OF_MODELS:
        return (models.checks if part == "c" else models.speeds)(plan, found)
    return (pipeline.stages if part == "a" else pipeline.growth)(plan)


def steps(part: str, plan: Plan, found: Sequence[Subject]) -> int:
    """How often a part says what it does: the length of its bar."""
    rows, sizes = plan.pick(models.ROWS, models.QUICK_ROWS), plan.pick(pipeline.SIZES, pipeline.QUICK_SIZES)
    checked = sum(2 * len(subject.models) for subject in found)
    return {"a": 4, "b": len(sizes), "c": checked, "d": 2 * len(rows) * len(found)}[part]


def table(timings: Sequence[Timing]) -> Table:
    """The timings as a table, a section for each part."""
    drawn = Table("", "what", box=SIMPLE_HEAD)
    for name in ("median ms", "ratio"):
        drawn.add_column(name, justify="right")
    drawn.add_column("of what")
    drawn.add_column("claim")
    ends = {left for left, right in pairwise(timings) if left.part != right.part}
    for timing in timings:
        ratio = "" if timing.ratio is None else f"{timing.ratio:.2f}"
        claim = "" if timing.holds is None else "holds" if timing.holds else "FAILS"
        cells = (timing.part, timing.name, f"{timing.ms:.3f}", ratio, timing.unit, claim)
        drawn.add_row(*cells, end_section=timing in ends)
    return drawn
