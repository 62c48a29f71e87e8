"""The command of static checkers: a table by cell, what they find and what they cannot say, faults that they refuse."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table

from ..diagnostics import SpecError
from ..emit import CannotGenerate, NotRun, Remark, StaticChecker
from ..language import System
from ..loading import load
from ..terminal import HELP_OPTIONS, show, summed
from ._check import Checked, Trial, checked, checkers, subjects, tried

C = TypeVar("C", bound=Callable[..., Any])
CHECKERS = checkers()
COLUMNS = ("statements", "checked", "not said", "findings")
INSTALLED = "\n".join(
    f".venv-{name}, where --{name} and $LSTMSPEC_{name.upper()} say nothing: {', '.join(checker.packages)}."
    for name, (_, checker) in CHECKERS.items()
)
EXAMPLES = f"""\b
Examples:
  python scripts/static_shapes.py                 all built-in cells
  python scripts/static_shapes.py src lstm -v     these, and each statement that cannot be checked, with the reason
  python scripts/static_shapes.py --plant         does it notice? plant faults in each model, require refusal

\b
How to read the table: a statement is an array that a line of a pass makes, stores or returns. Of those `not said` the
checker loses the shape; what follows is checked as if they had the one that their label says.

\b
The checker is installed, once, into
{INSTALLED}
Exit 0: nothing found. Exit 1: findings, or a planted fault not refused. Exit 2: could not run, or checked nothing."""


def _executables(command: C) -> C:
    """An option for each checker: its executable."""
    for name in CHECKERS:
        option = click.option(
            f"--{name}",
            envvar=f"LSTMSPEC_{name.upper()}",
            type=click.Path(path_type=Path),
            help="Its executable, with its stubs beside it.",
        )
        command = option(command)
    return command


@click.command(epilog=EXAMPLES, context_settings=HELP_OPTIONS)
@click.argument("specs", metavar="[SPEC]...", nargs=-1)
@_executables
@click.option("--plant", "planted", is_flag=True, help="Also plant faults, each of which has to be refused.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(0), help="So many of them; 0 for all.")
@click.option("-v", "--verbose", is_flag=True, help="List the statements that cannot be checked, and why.")
def main(specs: tuple[str, ...], planted: bool, limit: int, verbose: bool, **executables: Path | None) -> None:
    """Check the shapes of generated models without running them.

    A SPEC is what `lstmspec check` takes; all built-in cells without one. Their passes, as they are generated, go
    through a static checker of tensor shapes that knows nothing of lstmspec, statement by statement: what each name is,
    what is stored into what, what the loop carries, what functions return.
    """
    try:
        systems = [cell.system for cell in load(specs)]
        clean = [_run(name, systems, executables[name], limit if planted else None, verbose) for name in CHECKERS]
    except SpecError as error:
        raise click.UsageError(str(error).strip()) from error
    except (NotRun, CannotGenerate) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(0 if all(clean) else 1)


def _run(name: str, systems: Sequence[System], given: Path | None, limit: int | None, verbose: bool) -> bool:
    """Check, plant so many faults (None: none, 0: all), and report; whether there was nothing to find."""
    backend, checker = CHECKERS[name]
    start = time.perf_counter()
    models = subjects(systems, backend)
    executable = given or checker.install(Path(f".venv-{name}"))
    found = checked(checker, executable, models)
    show(_table(found))
    for line in _lines(found, verbose):
        click.echo(line)
    version = checker.version(executable)
    note = "" if version == checker.written_for else f", written for {checker.written_for}"
    click.echo(f"{name.capitalize()} {version}{note}: {time.perf_counter() - start:.1f} s")
    if empty := [one.subject.name for one in found if one.judgement.checked == 0]:
        raise NotRun(f"{', '.join(empty)}: not one statement could be checked")
    clean = not any(one.judgement.findings for one in found)
    return clean if limit is None else _refused(checker, executable, found, limit) and clean


def _lines(found: Sequence[Checked], verbose: bool) -> Iterator[str]:
    """Findings, and what is not said, a line each."""
    for one in found:
        for kind, remarks in (("finding", one.judgement.findings), ("not said", one.judgement.unsaid)):
            if kind == "finding" or verbose:
                yield from dict.fromkeys(f"{one.subject.name}.{_text(kind, remark)}" for remark in remarks)


def _text(kind: str, remark: Remark) -> str:
    array = f"`{remark.array}`: " if remark.array else ""
    return f"{remark.procedure}: {kind}: {remark.code}: {array}{remark.text}"


def _refused(checker: StaticChecker, executable: Path, found: Sequence[Checked], limit: int) -> bool:
    """Whether each planted fault makes a finding; prints those that do not."""
    trials = tried(checker, executable, found, limit or None)
    missed = [trial for trial in trials if not trial.refused]
    for trial in missed:
        click.echo(_missed(trial))
    kinds = len({trial.fault.kind for trial in trials})
    click.echo(f"Planted {len(trials)} faults of {kinds} kinds: {len(trials) - len(missed)} refused")
    return bool(trials) and not missed


def _missed(trial: Trial) -> str:
    fault = trial.fault
    return f"{trial.subject.name}.{fault.procedure.name}: planted and not refused: {fault.kind}, {fault.array}"


def _table(found: Sequence[Checked]) -> Table:
    """The cells, a line each, and their sum."""
    rows = [(one.subject.name, _numbers([one])) for one in found]
    return summed("cell", COLUMNS, rows, _numbers(found))


def _numbers(found: Sequence[Checked]) -> list[str]:
    judgements = [one.judgement for one in found]
    counts = [(0, 0, 0, 0), *((one.statements, one.checked, len(one.unsaid), len(one.findings)) for one in judgements)]
    return [str(sum(column)) for column in zip(*counts, strict=True)]
