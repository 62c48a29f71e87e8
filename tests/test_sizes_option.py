"""`--set`: one form in every command that takes sizes."""

import pytest
from click.testing import CliRunner

from lstmspec.cli import main

SPELLINGS = [
    ("--set", "n=3", "k=5"),
    ("--set", "n=3,k=5"),
    ("--set", "n=3", "--set", "k=5"),
    ("--set=n=3", "k=5"),
    ("--set=n=3,k=5",),
    ("--set", "n=3", "k=5", "--set", "n=3"),
]
CALLS = {"explain": ("LSTM",), "grad": ("LSTM",), "audit": ("LSTM", "torch.nn:LSTM(n, k)")}
TOLD = {"explain": "LSTM: n = 3, k = 5;", "grad": "(5, 8)", "audit": "n = 3, k = 5"}


def call(command, *arguments):
    done = CliRunner().invoke(main, [command, *CALLS[command], *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("spelling", SPELLINGS, ids=" ".join)
@pytest.mark.parametrize("command", CALLS)
def test_every_spelling_in_every_command(command, spelling):
    done = call(command, *spelling)
    assert done.exit_code == 0, done.output
    assert TOLD[command] in done.output


@pytest.mark.parametrize("command", CALLS)
def test_sizes_may_stand_before_the_arguments(command):
    done = CliRunner().invoke(main, [command, "--set", "n=3", "k=5", *CALLS[command]])
    assert done.exit_code == 0, done.output
    assert TOLD[command] in done.output


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize("spelling", [("n=3", "n=5"), ("n=3,k=2,n=5",), ("n=3", "--set", "k=2", "n=5")], ids=" ".join)
def test_two_sizes_for_one_name_are_refused(command, spelling):
    done = call(command, "--set", *spelling)
    assert done.exit_code == 2
    assert "--set says two sizes for `n`: 3 and 5" in done.output


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize("spelling", [("n=3", "k="), ("n=3,,k=5",), ("n=3", "k=x"), ("n=3,k",)], ids=" ".join)
def test_what_sets_no_size_is_refused_wherever_it_stands(command, spelling):
    done = call(command, "--set", *spelling)
    assert (done.exit_code, "sets no size; expected NAME=SIZE" in done.output) == (2, True)


@pytest.mark.parametrize("command", CALLS)
def test_a_dimension_that_a_cell_does_not_have_is_refused(command):
    done = call(command, "--set", "n=3", "q=5")
    assert done.exit_code in (1, 2)
    assert "`q` is no dimension of this cell; it has n, k" in done.output


def test_a_size_without_its_option_is_refused():
    assert call("explain", "n=3").exit_code == 2
