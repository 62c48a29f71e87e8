"""The terminal of commands that run long: a progress bar, tables with a sum below, numbers in a file. Needs rich.

It is imported by such commands alone, so that nothing else needs rich.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .files import replacing

C = TypeVar("C", bound=Callable[..., Any])
HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


@contextlib.contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """Errors of these classes end a command with their message, and exit code 2."""
    try:
        yield
    except errors as error:
        raise click.UsageError(str(error).strip()) from error


def require(libraries: Sequence[str], extra: str) -> None:
    """Raise UsageError, with what to install, unless all of these libraries are there."""
    if lacking := [name for name in libraries if importlib.util.find_spec(name) is None]:
        are = "is" if len(lacking) == 1 else "are"
        raise click.UsageError(f"{', '.join(lacking)} {are} not installed: pip install 'lstmspec[{extra}]'")


def progress(*, keep: bool = False) -> Progress:
    """A bar on stderr with counts and time, gone when it is done unless it is kept."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=not keep)


def show(table: Table, width: int = 120) -> None:
    """Print a table, as wide as this on a narrower stream too, where it can be scrolled."""
    Console(width=max(width, Console().width)).print(table)


def summed(head: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], total: Sequence[str]) -> Table:
    """A table with a row for each name, and below a line their sum."""
    drawn = Table(head, box=SIMPLE_HEAD)
    for name in columns:
        drawn.add_column(name, justify="right")
    for at, (name, numbers) in enumerate(rows):
        drawn.add_row(name, *numbers, end_section=at == len(rows) - 1)
    drawn.add_row("all", *total)
    return drawn


def json_option(help_: str) -> Callable[[C], C]:
    """The option `--json FILE`, as `place`; refused before a long run where it cannot be written after it."""
    kind = click.Path(dir_okay=False, writable=True, path_type=Path)
    return click.option("--json", "place", type=kind, callback=_writable, help=help_)


def _writable(context: click.Context, option: click.Parameter, place: Path | None) -> Path | None:
    if place is not None and not os.access(place.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(f"there is no folder {place.parent} that can be written to", context, option)
    return place


def write_json(place: Path, value: object) -> None:
    """Write a file whole, or leave it as it was."""
    text = json.dumps(value, indent=1) + "\n"
    if place.exists() and not place.is_file():  # /dev/stdout is to be written to, not replaced
        place.write_text(text, encoding="utf-8")
        return
    with replacing(place) as stream:
        stream.write(text.encode())
