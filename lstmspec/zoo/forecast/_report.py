"""The outcome: errors over the test years in a table, and both LSTMs' forecasts in a plot."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ._series import Array, mae, rmse, split_at
from ._training import Run

THEIRS, OURS, COLLAPSED = "torch.nn.LSTM", "generated LSTM", "generated LSTM, h = prediction"
CONTEXT_YEARS = 25  # two cycles before the test years, in the plot


def report(console: Console, runs: Mapping[str, Run], years: Array, values: Array) -> None:
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


def plot(runs: Mapping[str, Run], years: Array, values: Array, out: Path) -> None:
    """Draw truth and both LSTMs' forecasts over the test years and some before them."""
    importlib.import_module("matplotlib").use("agg")
    plt = importlib.import_module("matplotlib.pyplot")
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
