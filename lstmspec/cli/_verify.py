"""`lstmspec verify`: generated models proved, cell by cell, in one of the formats."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..cell import CellMeta
from ..diagnostics import Diagnostic, SpecError
from ..emit import BACKENDS, Backend
from ..loading import SPEC, Unit, load_units, settings_from
from ..proofs import Proof, Ranges, as_data, findings, steps, table, verify
from ..render import FORMATS, Report, dumped, text
from ._out import ALWAYS, AUTO, NEVER, in_colour, say, show

_NAMES = [backend.name for backend in BACKENDS]


def _ranges(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> Ranges:
    """`x=0.1:0.9`, as a name with its bounds."""
    found: dict[str, tuple[float, float]] = {}
    for value in values:
        name, _, bounds = value.partition("=")
        try:
            low, high = map(float, bounds.split(":"))
        except ValueError:
            raise click.BadParameter(f"`{value}` is no range; write x=0.1:0.9", context, option) from None
        if not (name.isidentifier() and low <= high and high - low < math.inf):
            raise click.BadParameter(f"`{value}` is no range; write x=0.1:0.9, the lower bound first", context, option)
        if found.get(name, (low, high)) != (low, high):
            raise click.BadParameter(f"there are two ranges for `{name}`", context, option)
        found[name] = (low, high)
    return found


@click.command("verify", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--quick", is_flag=True, help="For CI: one set of data and few planted faults, a second or two a cell.")
@click.option("--backend", "names", multiple=True, type=click.Choice(_NAMES), help="Only this one; repeatable.")
@click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="NAME=LOW:HIGH",
    callback=_ranges,
    help="Where an argument lies; repeatable.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the data and the planted faults."
)
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--select", metavar="CODES", help="Report only these: codes or their beginnings, as in LS501.")
@click.option("--ignore", metavar="CODES", help="Do not report these.")
@click.option("--color", "colour", type=click.Choice([AUTO, ALWAYS, NEVER]), default=AUTO, show_default=True)
def verify_(
    specs: tuple[str, ...],
    quick: bool,
    names: tuple[str, ...],
    ranges: Ranges,
    seed: int,
    kind: str,
    select: str | None,
    ignore: str | None,
    colour: str,
) -> None:
    """Prove the generated models of cells; without a SPEC, of all built-in ones.

    \b
    lstmspec verify cells.py               every cell in a file: some seconds each
    lstmspec verify cells.py:Mine --quick  in CI
    lstmspec verify Mine --range x=0.1:0.9 where x has to be positive

    \b
    outputs, forward  the largest difference from the slow evaluation of the equations
    backward          of gradients along random directions from those by complex steps
    double backward   of second derivatives from central differences of complex steps
    agreement         of all gradients, number by number, from the first model's
    shapes            whether results have their shapes at sizes that are symbols
    faults seen       planted in each pass (operands swapped, a stale read, a carry lost, ...): how many fail a check

    Differences are relative to the largest value. A question mark: nothing can be said, see LS502.

    Exits 0 when all is proved, 1 with findings, 2 when it could not run.
    """
    settings = settings_from(Path.cwd(), select, ignore)
    backends = [backend for backend in BACKENDS if not names or backend.name in names]
    for backend in backends:
        if lacking := backend.lacks("cpu"):
            raise click.UsageError(f"{lacking}, or leave it out: --backend NAME")
    units = list(load_units(specs, settings.timeout))
    cells = list(dict.fromkeys(cell for unit in units for cell in unit.cells))
    unknown = [name for name in ranges if not any(name in _arguments(cell) for cell in cells)]
    if cells and unknown:
        raise click.UsageError(f"`{unknown[0]}` is no parameter, input or state of any of these cells: --range")
    proofs, found = _proved(cells, backends, quick, seed, ranges, bar=kind == "text" and sys.stderr.isatty())
    found = [*(finding for unit in units for finding in unit.findings), *found]
    report = Report([finding for finding in found if settings.reports(finding)], len(cells), _count(units))
    if kind == "text":
        colourful = in_colour(colour)
        say("\n\n".join([*([table(proofs)] if proofs else []), text(report, colour=colourful)]), colour=colourful)
    else:
        body = FORMATS[kind](report)
        if kind == "json":
            body = dumped({**json.loads(body), "proofs": as_data(proofs)})
        show(body, kind) if body else None
        say(report.summary, err=True)  # not where programs read
    sys.exit(report.exit_code)


def _proved(
    cells: Sequence[CellMeta], backends: Sequence[Backend], quick: bool, seed: int, ranges: Ranges, *, bar: bool
) -> tuple[list[Proof], list[Diagnostic]]:
    """What was proved of each cell, and every finding; a cell that cannot be generated has those of that."""
    proofs: list[Proof] = []
    found: list[Diagnostic] = []
    count = steps(backends)
    with click.progressbar(
        length=count * len(cells), label="verifying", file=sys.stderr, item_show_func=str, hidden=not bar
    ) as shown:
        for place, cell in enumerate(cells):

            def progress(step: str, name: str = cell.__name__) -> None:
                shown.update(1, f"{name}: {step}")

            try:
                proofs.append(verify(cell, backends, quick=quick, seed=seed, ranges=ranges, progress=progress))
                found += findings(proofs[-1])
            except SpecError as error:
                found += error.diagnostics
            shown.update((place + 1) * count - shown.pos, "")
    return proofs, found


def _arguments(cell: CellMeta) -> tuple[str, ...]:
    system = cell.system
    return (*system.parameters, *system.inputs, *system.states)


def _count(units: Sequence[Unit]) -> int:
    return len({unit.path for unit in units if unit.path is not None})
