"""The real run: what the script prints and draws, its errors on hand-made numbers, and faults that must show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import torch
from rich.console import Console

from lstmspec import zoo
from lstmspec.sizes import Size
from lstmspec.zoo import forecast as forecasting
from lstmspec.zoo.forecast import command
from lstmspec.zoo.forecast._models import from_torch, models
from lstmspec.zoo.forecast._report import OURS, THEIRS, report
from lstmspec.zoo.forecast._training import Budget, Run, train

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def ran(cwd, *arguments):
    command = [sys.executable, "-W", "error", str(SCRIPTS / "forecast.py"), *arguments]
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    return subprocess.run(command, cwd=cwd, env=plain, capture_output=True, text=True, timeout=300, check=False)


# ---- The script as a learner runs it ----


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forecast")
    result = ran(folder, "--quick", "--hidden", "7", "--out", "made/plot.png")
    assert result.returncode == 0, result.stderr
    return result, folder / "made" / "plot.png"


def test_quick_run_draws_a_png(quick):
    _, plot = quick
    assert plot.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert plot.stat().st_size > 20_000


def test_quick_run_says_why_k_is_not_forced(quick):
    text = " ".join(quick[0].stdout.split())
    for said in (
        "n and k are independent",
        "Each gate is one dense layer from n+k to k",
        "Assume that h is the prediction, one number: this forces k = 1",
        "n stays free",
        "No equation forces k = 1; only that assumption does",
        "With a readout, a dense layer from k to 1 after h",
        "Assume that y is one number: this forces nothing, and n and k stay free. Here n = 1 and k = 7",
    ):
        assert said in text


def test_quick_run_prints_the_shape_table(quick):
    rows = [re.split(r"\s{2,}", line.strip()) for line in quick[0].stdout.splitlines()]
    cells = {row[0]: row[1:] for row in rows if len(row) > 4}
    assert cells["x"][:4] == ["input", "(n)", "(1)", "(n)"]
    assert cells["h"][:4] == ["state", "(k)", "(7)", "(1)"]
    assert cells["W_f"][:4] == ["weight", "(k, n+k)", "(7, 8)", "(1, n+1)"]
    assert cells["f"][:4] == ["equation", "(k)", "(7)", "(1)"]
    assert cells["W_y"][:4] == ["weight", "(1, k)", "(1, 7)", "no readout"]
    assert "260 parameters" in quick[0].stdout  # 4 (7·8 + 7) + 7 + 1


def test_quick_run_compares_with_persistence_and_torch(quick):
    rows = [re.split(r"\s{2,}", line.strip()) for line in quick[0].stdout.splitlines()]
    errors = {row[0]: row[1:4] for row in rows if len(row) == 5}
    assert errors["persistence"] == ["32.69", "24.89", "0"]
    assert errors["generated LSTM"][:2] == errors["torch.nn.LSTM"][:2]
    assert errors["generated LSTM"][2] == "260"
    assert "generated LSTM" in quick[0].stderr  # the progress bar


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--hidden", "0"), "--hidden"),
        (("--hidden", "many"), "--hidden"),
        (("--epochs", "-1"), "--epochs"),
        (("--device", "abacus"), "--device"),
        (("--out", "plot.doc"), "plot.doc is no .png, .pdf or .svg"),
        (("--out", "file/plot.png"), "file/plot.png cannot be written"),
        (("--out", "folder.png"), "folder.png"),
        (("--learn",), "--learn"),
    ],
)
def test_a_bad_argument_gives_one_line(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["forecast.py", *arguments])
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    assert command.run() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"error: .+\n", printed.err)
    assert said in printed.err


def test_help_keeps_its_examples_apart():
    text = command.main.get_help(click.Context(command.main))
    assert "\n  python scripts/forecast.py --quick     the same" in text


def test_a_bad_argument_exits_with_2(tmp_path):
    result = ran(tmp_path, "--hidden", "0")
    assert result.returncode == 2
    assert result.stderr == "error: Invalid value for '--hidden': 0 is not in the range 1<=x<=1024.\n"


# ---- Errors, on numbers made by hand ----


def test_errors_by_hand():
    forecast, truth = np.array([1.0, 2.0, 6.0]), np.array([1.0, 5.0, 2.0])
    assert forecasting.mae(forecast, truth) == pytest.approx(7 / 3)
    assert forecasting.rmse(forecast, truth) == pytest.approx(np.sqrt(25 / 3))


def test_errors_do_not_broadcast():
    with pytest.raises(ValueError, match=r"forecast \(3, 1\) and truth \(3,\) differ in shape"):
        forecasting.rmse(np.zeros((3, 1)), np.zeros(3))


def test_split_leaves_the_last_fifth():
    assert forecasting.split_at(10) == 8
    years, _ = forecasting.series()
    start = forecasting.split_at(len(years))
    assert (len(years), len(years) - start, years[start]) == (309, 61, 1948)


def test_persistence_is_the_year_before():
    values = np.array([3.0, 5.0, 4.0, 8.0])
    assert forecasting.persistence(values).tolist() == [3, 5, 4]
    assert forecasting.mae(forecasting.persistence(values), values[1:]) == pytest.approx((2 + 1 + 4) / 3)


# ---- Training ----


@pytest.fixture(scope="module")
def values():
    return forecasting.series()[1]


def forecast_by(model, values, epochs):
    ticks = []
    run = train(model, values, Budget(epochs), lambda: ticks.append(1))
    assert len(ticks) == epochs
    return run.forecast


def test_both_lstms_take_the_same_steps(values):
    theirs, ours, _ = models(7, seed=0)
    expected = forecast_by(theirs, values, 10)
    np.testing.assert_allclose(forecast_by(ours, values, 10), expected, atol=1e-2)


def test_one_rate_for_one_bias_and_for_two_would_show(values):
    theirs, ours, _ = models(7, seed=0)
    ours.groups = lambda rate: [{"params": list(ours.parameters()), "lr": rate}]
    expected = forecast_by(theirs, values, 10)
    assert np.abs(forecast_by(ours, values, 10) - expected).max() > 1e-1


def test_swapped_gates_would_show():
    torch.manual_seed(0)
    theirs, x = torch.nn.LSTM(1, 7), torch.randn(11, 1, 1)
    ours = from_torch(theirs)
    torch.testing.assert_close(ours(x)[0], theirs(x)[0])
    spec = ours.to_spec()
    spec["W_f"], spec["W_i"] = spec["W_i"], spec["W_f"]
    assert (type(ours).from_spec(spec)(x)[0] - theirs(x)[0]).abs().max() > 1e-3


def test_training_beats_persistence(values):
    start = forecasting.split_at(len(values))
    trained = forecast_by(models(32, seed=0)[0], values, 100)
    naive = forecasting.persistence(values)
    errors = [forecasting.rmse(forecast[start - 1 :], values[start:]) for forecast in (trained, naive)]
    assert errors[0] < 0.7 * errors[1]


def test_the_test_years_teach_nothing(values):
    """Other values in the test years change no forecast of an earlier year, nor that of the first test year."""
    start = forecasting.split_at(len(values))
    changed = values.copy()
    changed[start:] = 1000 - changed[start:]
    assert forecasting.scale(values) == forecasting.scale(changed)
    before, after = (forecast_by(models(7, seed=0)[1], v, 3) for v in (values, changed))
    assert np.array_equal(before[:start], after[:start])
    assert not np.array_equal(before[start:], after[start:])


def test_the_same_seed_gives_the_same_numbers(values):
    first, again = (forecast_by(models(7, seed=3)[1], values, 2) for _ in range(2))
    assert np.array_equal(first, again)


# ---- The report ----


@pytest.mark.parametrize(("shift", "reported"), [(0, "32.69"), (1, "58.27"), (-1, "0.00")])
def test_a_forecast_shifted_by_a_year_would_show(values, capsys, shift, reported):
    """Persistence as it is, late by another year, and knowing the year that it forecasts."""
    years, _ = forecasting.series()
    shifted = np.concatenate([values[:1], values])[1 - shift :][: len(values) - 1]
    runs = dict.fromkeys((THEIRS, OURS), Run(shifted, 1, 0.0))
    report(Console(width=120), runs, years, values)
    row = next(line for line in capsys.readouterr().out.splitlines() if OURS in line)
    assert row.split()[2] == reported


# ---- Elsewhere than in a checkout ----


def test_the_package_runs_as_a_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "lstmspec.zoo.forecast", "--hidden", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stderr.startswith("error: Invalid value for '--hidden'")


def test_a_library_that_is_not_installed_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "LIBRARIES", ("torch", "no_such_library"))
    monkeypatch.setattr(sys, "argv", ["forecast.py", "--out", str(tmp_path / "plot.png")])
    assert command.run() == 2
    assert capsys.readouterr().err == "error: no_such_library is not installed: pip install 'lstmspec[examples]'\n"


def test_the_cell_with_a_readout_is_the_lstm_and_one_equation_more():
    cell, plain = forecasting.with_readout(), zoo.cells()["LSTM"]
    assert [*cell.system.equations] == [*plain.system.equations, "y"]
    assert cell.system.output == "y" and cell.shapes.require().of["y"] == (Size.of(1),)
