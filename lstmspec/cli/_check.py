"""`lstmspec check`: every finding about the cells that SPECs name, in one of the formats."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from ..cell import CellMeta
from ..diagnostics import Diagnostic
from ..loading._cell_findings import contained
from ..loading._load import load_units
from ..loading._settings import Settings, settings_from
from ..loading._specs import SPEC, Target
from ..render import FORMATS, Report, schema, text
from ._out import ALWAYS, AUTO, NEVER, in_colour, say

MANY = 20  # files, from which on a progress bar is worth its line


def checked(specs: Iterable[str], settings: Settings, *, only_cells: bool = False, bar: bool = False) -> Report:
    """Load and check what SPECs name. Never raises for a fault of theirs."""
    order: list[Diagnostic | CellMeta] = []
    cells: dict[CellMeta, list[Diagnostic]] = {}
    files: dict[Path, None] = {}
    progress = _with_bar if bar else iter
    for unit in load_units(specs, settings.timeout, only_cells=only_cells, progress=progress):
        files |= {unit.path: None} if unit.path is not None and not unit.path.is_dir() else {}
        fresh = [cell for cell in dict.fromkeys(unit.cells) if cell not in cells]
        cells |= {cell: contained(cell) for cell in fresh}
        order += [*unit.findings, *fresh]
    found = [one for part in order for one in ((part,) if isinstance(part, Diagnostic) else _own(part, cells))]
    return Report([finding for finding in found if settings.reports(finding)], len(cells), len(files))


def _own(cell: CellMeta, cells: Mapping[CellMeta, Sequence[Diagnostic]]) -> list[Diagnostic]:
    """The findings of a cell without those that it inherits: where its base is checked too, they are told there."""
    base = next((base for base in cell.__mro__[1:] if isinstance(base, CellMeta) and base in cells), None)
    known = (
        {(finding.code, finding.equation, finding.message) for finding in cells[base]} if base is not None else set()
    )
    return [finding for finding in cells[cell] if (finding.code, finding.equation, finding.message) not in known]


def _with_bar(targets: list[Target]) -> Iterator[Target]:
    if len(targets) < MANY:
        yield from targets
        return
    with click.progressbar(targets, label="checking", file=sys.stderr) as shown_targets:
        yield from shown_targets


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
            say(body)
        say(report.summary, err=True)  # not where programs read
    sys.exit(report.exit_code)


@click.command("schema")
def schema_() -> None:
    """Print the JSON Schema of `check --format json`."""
    click.echo(schema(), nl=False)
