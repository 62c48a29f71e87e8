"""`lstmspec check`: every finding about the cells that SPECs name, in one of the formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from ..diagnostics import Diagnostic, distinct, own
from ..loading import SPEC, CellFindings, FileFindings, Settings, findings_of_specs, settings_from
from ..render import FORMATS, Report, schema, text
from ._out import ALWAYS, AUTO, NEVER, in_colour, say, show

MANY = 20  # files, from which on a progress bar is worth its line


def checked(specs: Iterable[str], settings: Settings, *, only_cells: bool = False, bar: bool = False) -> Report:
    """Check what SPECs name. Never raises for a fault of theirs."""
    order: list[Diagnostic | CellFindings] = []
    cells: dict[tuple[str, str], CellFindings] = {}
    files: dict[Path, None] = {}
    progress = _with_bar if bar else _without_bar
    for file in findings_of_specs(specs, settings.timeout, only_cells=only_cells, progress=progress):
        files |= {file.path: None} if file.path is not None and not os.path.isdir(file.path) else {}
        fresh = [cell for cell in file.cells if cell.key not in cells]
        cells |= {cell.key: cell for cell in fresh}
        order += [*file.findings, *fresh]
    found = [one for part in order for one in ((part,) if isinstance(part, Diagnostic) else _own(part, cells))]
    return Report([one for one in distinct(found) if settings.reports(one)], len(cells), len(files))


def _own(cell: CellFindings, cells: Mapping[tuple[str, str], CellFindings]) -> list[Diagnostic]:
    """The findings of a cell without those that it inherits: where its base is checked too, they are told there."""
    base = next((key for key in cell.bases if key in cells), None)
    return own(cell.findings, cells[base].findings if base is not None else ())


def _without_bar(files: Iterable[FileFindings], count: int) -> Iterable[FileFindings]:
    return files


def _with_bar(files: Iterable[FileFindings], count: int) -> Iterator[FileFindings]:
    if count < MANY:
        yield from files
        return
    with click.progressbar(files, length=count, label="checking", file=sys.stderr) as shown_files:
        yield from shown_files


@click.command("check", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--select", metavar="CODES", help="Report only these: codes or their beginnings, as in LS1,LS303.")
@click.option("--ignore", metavar="CODES", help="Do not report these; LS213 (not loaded) only by its full code.")
@click.option("--color", "colour", type=click.Choice([AUTO, ALWAYS, NEVER]), default=AUTO, show_default=True)
@click.option("--timeout", type=float, metavar="SECONDS", help="What a file may take to be imported.  [default: 10]")
@click.option("--only-cells", is_flag=True, help="Pass over files that cannot have a cell, without running them.")
def check_(
    specs: tuple[str, ...],
    kind: str,
    select: str | None,
    ignore: str | None,
    colour: str,
    timeout: float | None,
    only_cells: bool,
) -> None:
    """Prove the shapes of cells; without a SPEC, of all built-in ones.

    Of a folder, only files that can declare cells are run: those that import lstmspec, or a neighbour that does.
    Exits 0 when there is nothing to say, 1 with findings, 2 when a SPEC cannot be loaded.

    pyproject.toml may have select, ignore and timeout in [tool.lstmspec]; options win.
    """
    settings = settings_from(Path.cwd(), select, ignore, timeout)
    report = checked(specs, settings, only_cells=only_cells, bar=kind == "text" and sys.stderr.isatty())
    if kind == "text":
        colourful = in_colour(colour)
        say(text(report, colour=colourful), colour=colourful)
    else:
        if body := FORMATS[kind](report):
            show(body, kind)
        say(report.summary, err=True)  # not where programs read
    sys.exit(report.exit_code)


@click.command("schema")
def schema_() -> None:
    """Print the JSON Schema of `check --format json`."""
    click.echo(schema(), nl=False)
