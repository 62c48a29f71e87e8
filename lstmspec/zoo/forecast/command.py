"""The command of the example: the shape table, training under progress bars, errors, a plot, an exit code."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import click
import torch
from rich.console import Console

from ...terminal import HELP_OPTIONS, progress, require
from ._explain import explain
from ._models import models
from ._report import COLLAPSED, OURS, THEIRS, plot, report
from ._series import LIBRARIES, Array, persistence, series
from ._training import Budget, Run, train

QUICK_EPOCHS = 3
PLOT = click.Path(dir_okay=False, writable=True, path_type=Path)
EXAMPLES = """\b
python scripts/forecast.py             the run, some ten seconds
python scripts/forecast.py --quick     the same, hardly trained
python scripts/forecast.py --hidden 8  a smaller k; n stays 1
python -m lstmspec.zoo.forecast        the same without a checkout"""


def _writable(_: click.Context, __: click.Parameter, out: Path) -> Path:
    if out.suffix not in (".png", ".pdf", ".svg"):
        raise click.BadParameter(f"{out} is no .png, .pdf or .svg")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            return out
    except OSError as error:
        raise click.BadParameter(f"{out} cannot be written: {error.strerror}") from None


def _usable(_: click.Context, __: click.Parameter, device: str) -> str:
    try:
        torch.zeros(1, device=device).cpu()
        return device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise click.BadParameter(f"{device}: {str(error).splitlines()[0]}") from None


@click.command(epilog=EXAMPLES, context_settings={**HELP_OPTIONS, "show_default": True})
@click.option("--hidden", type=click.IntRange(1, 1024), default=32, help="k, the size of h, c and every gate.")
@click.option("--epochs", type=click.IntRange(min=1), default=100, help="Passes over the training years.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, help="Of the first weights.")
@click.option("--out", type=PLOT, default="out/forecast.png", callback=_writable, help="The plot: .png, .pdf or .svg.")
@click.option("--quick", is_flag=True, help=f"{QUICK_EPOCHS} epochs: shows that all runs; the errors mean nothing.")
@click.option("--device", default="cpu", callback=_usable, help="Where torch computes: cpu, cuda, cuda:1 …")
def main(hidden: int, epochs: int, seed: int, out: Path, quick: bool, device: str) -> None:
    """Forecast yearly sunspot numbers with an LSTM generated from its equations.

    First: why an LSTM over single numbers does not collapse to single numbers. Then its one-step forecasts of the last
    fifth of the series, 1948 to 2008, beside persistence ("next year is like this year"), torch.nn.LSTM from the same
    weights, and the collapsed LSTM whose h is the prediction.
    """
    require(LIBRARIES, "examples")
    torch.set_num_threads(1)  # products of 32 numbers: a second thread only waits for the first
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False)
    explain(console, n=1, k=hidden)
    years, values = series()
    runs = _trained(values, hidden, seed, Budget(QUICK_EPOCHS if quick else epochs, device=device))
    report(console, runs, years, values)
    plot(runs, years, values, out)
    console.print(f"\nplot: {out}")


def _trained(values: Array, k: int, seed: int, budget: Budget) -> dict[str, Run]:
    """Every forecast of values[1:] by its name, with progress bars on stderr while they are made."""
    runs = {"persistence": Run(persistence(values), 0, 0.0)}
    with progress(keep=True) as bar:
        for name, model in zip((THEIRS, OURS, COLLAPSED), models(k, seed), strict=True):
            task = bar.add_task(name, total=budget.epochs)
            runs[name] = train(model, values, budget, partial(bar.advance, task))
    return runs


def run() -> int:
    """Run the command; a bad argument gives one line and 2, without click's usage lines around it."""
    try:
        return int(main(standalone_mode=False) or 0)
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return 2
    except click.Abort:
        return 130
