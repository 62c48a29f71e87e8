"""The learner's problem, for real: forecast next year's sunspot number with the generated PyTorch LSTM.

"If x_t is one number and h_t is the prediction, is every gate of an LSTM one number too?" The script answers with the
shape table first, then trains the answer beside torch.nn.LSTM: same first weights, same readout, same budget.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import click
import matplotlib as mpl
import numpy as np
import torch
from forecasting import Array, Budget, Run, mae, models, persistence, rmse, series, split_at, train
from matplotlib import pyplot as plt
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import lstmspec
from lstmspec.checker import Assumption, shown
from lstmspec.zoo import lstm as zoo

THEIRS, OURS, COLLAPSED = "torch.nn.LSTM", "generated LSTM", "generated LSTM, h = prediction"
QUICK_EPOCHS = 3
PLOT = click.Path(dir_okay=False, writable=True, path_type=Path)
EXAMPLES = """\b
python scripts/forecast.py             the run, some ten seconds
python scripts/forecast.py --quick     the same, hardly trained
python scripts/forecast.py --hidden 8  a smaller k; n stays 1"""
CONTEXT_YEARS = 25  # two cycles before the test years, in the plot


class Forecaster(zoo.LSTM):
    """An LSTM with a readout: the prediction is y, not h."""

    W_y, b_y = lstmspec.Weight(1, zoo.k), lstmspec.Bias(1)
    y = lstmspec.Output(W_y @ zoo.LSTM.h.next + b_y)


# ---- The answer: what the equations force, and what they do not ----


def explain(console: Console, n: int, k: int) -> None:
    """Print the shape table and why k is not forced to 1."""
    collapsed = lstmspec.assume(zoo.LSTM, "h", 1)
    freed = lstmspec.assume(Forecaster, "y", 1)
    forced = ", ".join(f"{dim} = {size}" for dim, size in collapsed.forced.items())
    console.print("If x_t is one number and h_t is the prediction, is every gate of an LSTM one number too?")
    console.print("No: x has size n, h has size k, and n and k are independent. The checker derives this table:\n")
    console.print(shape_table({"n": n, "k": k}, collapsed))
    console.print(
        "\nEach gate is one dense layer from n+k to k. The equations give f, i, g, o and c the size k of h,\n"
        f"whatever k is; n = {n} says nothing about k.\n\n"
        f"Assume that h is the prediction, one number: this forces {forced} (column `if h is the prediction`),\n"
        f"and {', '.join(collapsed.free)} stays free. No equation forces k = 1; only that assumption does.\n\n"
        "With a readout, a dense layer from k to 1 after h, the prediction is y = W_y @ h.next + b_y.\n"
        f"Assume that y is one number: this forces {', '.join(freed.forced) or 'nothing'}, "
        f"and {' and '.join(freed.free)} stay free. Here n = {n} and k = {k}.\n"
    )


def shape_table(sizes: dict[str, int], collapsed: Assumption) -> Table:
    """One row a name: its shape, the numbers here, its shape if h were the prediction, and why."""
    here = [f"{dim} = {size}" for dim, size in sizes.items()]
    headings = "name", "role", "shape", ",\n".join(here), "if h is the\nprediction", "why"
    table = Table(*headings, title="An LSTM with a readout", box=SIMPLE_HEAD)
    parameters = 0
    for fact in lstmspec.check(Forecaster).require().facts:
        role = fact.role.value if fact.role is not None else "equation"
        numbers = tuple(size.at(sizes) for size in fact.shape)
        parameters += int(np.prod(numbers)) if role in ("weight", "bias") else 0
        _, after = collapsed.changed.get(fact.name, (None, fact.shape))
        assumed = shown(after) if fact.name in zoo.LSTM.shapes.of else "no readout"
        table.add_row(fact.name, role, shown(fact.shape), f"({', '.join(map(str, numbers))})", assumed, fact.why)
    table.caption = f"{parameters} parameters at {', '.join(here)}"
    return table


# ---- The run ----


def trained(values: Array, k: int, seed: int, budget: Budget) -> dict[str, Run]:
    """Every forecast of values[1:] by its name, with a progress bar on stderr while it is made."""
    columns = TextColumn("{task.description:30}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    runs = {"persistence": Run(persistence(values), 0, 0.0)}
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name, model in zip((THEIRS, OURS, COLLAPSED), models(k, seed), strict=True):
            task = progress.add_task(name, total=budget.epochs)
            runs[name] = train(model, values, budget, partial(progress.advance, task))
    return runs


def report(console: Console, runs: dict[str, Run], years: Array, values: Array) -> None:
    """Print the errors over the test years, and how far the two LSTMs are apart."""
    start = split_at(len(values))
    title = f"One-step forecasts of {years[start]:.0f}–{years[-1]:.0f}, errors in sunspots"
    table = Table("forecast", title=title, box=SIMPLE_HEAD)
    for heading in ("RMSE", "MAE", "parameters", "training"):
        table.add_column(heading, justify="right")
    for name, run in runs.items():
        forecast = run.forecast[start - 1 :]
        errors = [f"{error(forecast, values[start:]):.2f}" for error in (rmse, mae)]
        table.add_row(name, *errors, str(run.parameters), f"{run.seconds:.1f} s")
    console.print(table)
    apart = float(np.max(np.abs(runs[OURS].forecast - runs[THEIRS].forecast)))
    console.print(
        f"\nLargest difference between the forecasts of {OURS} and {THEIRS}: {apart:.1e} sunspots.\n"
        "Both start from the same weights. torch learns two biases where the equations have one; with twice the rate\n"
        "for that one, as here, both take the same steps, but for rounding, which grows with the epochs.\n"
        f"The loop over the years is Python in {OURS} and C++ in {THEIRS}: hence the times.\n"
        f"In `{COLLAPSED}`, k = 1 and nothing comes after h, which tanh keeps within one standard\n"
        "deviation of the mean of the training years: that is what the assumption costs."
    )


def plot(runs: dict[str, Run], years: Array, values: Array, out: Path) -> None:
    """Draw truth and both LSTMs' forecasts over the test years and some before them."""
    start = split_at(len(values))
    shown_from = max(1, start - CONTEXT_YEARS)
    figure, axes = plt.subplots(figsize=(11, 5), layout="constrained")
    axes.axvspan(years[start] - 0.5, years[-1] + 0.5, color="0.94", zorder=0, label="test years")
    axes.plot(years[shown_from:], values[shown_from:], color="0.15", marker=".", lw=1.2, label="measured")
    for name, color, width in ((THEIRS, "#f7c36b", 4.5), (OURS, "#1f5fa8", 1.5)):  # the wide line shows under the other
        forecast = runs[name].forecast
        label = f"{name}: RMSE {rmse(forecast[start - 1 :], values[start:]):.1f}"
        axes.plot(years[shown_from:], forecast[shown_from - 1 :], color=color, lw=width, label=label)
    still = rmse(runs["persistence"].forecast[start - 1 :], values[start:])
    axes.set_title(f"Next year's sunspot number, forecast from all years before it (persistence: RMSE {still:.1f})")
    axes.set(xlabel="year", ylabel="sunspot number (yearly mean)", xlim=(years[shown_from] - 0.5, years[-1] + 0.5))
    axes.set_ylim(-5, 1.25 * values[shown_from:].max())  # room for the legend
    axes.legend(ncols=2, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, dpi=150)
    plt.close(figure)


# ---- The command line ----


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


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
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
    torch.set_num_threads(1)  # products of 32 numbers: a second thread only waits for the first
    mpl.use("agg")
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False)
    explain(console, n=1, k=hidden)
    years, values = series()
    runs = trained(values, hidden, seed, Budget(QUICK_EPOCHS if quick else epochs, device=device))
    report(console, runs, years, values)
    plot(runs, years, values, out)
    console.print(f"\nplot: {out}")


def run() -> int:
    """Run the command; a bad argument gives one line and 2, without click's usage lines around it."""
    try:
        return int(main(standalone_mode=False) or 0)
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return 2
    except click.Abort:
        return 130


if __name__ == "__main__":
    sys.exit(run())
