"""`lstmspec audit CELL MODULE`: whether other people's code computes a cell's equations."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from ..auditor import Audit, Edit, audit, impossible
from ..checker import check
from ..diagnostics import Code, SpecError
from ..loading import SPEC, seconds
from ..render import FORMATS, Report, dumped, shown
from ._foreign_code import Made, named, used
from ._out import ALWAYS, AUTO, NEVER, in_colour, loaded, show, stop
from ._sizes import SizesCommand, require_known, sizes

FIRST = (5, 7, 11, 13, 17, 19)  # sizes for the dimension symbols: distinct, so that no shape fits by accident

EPILOG = f"""A MODULE is where the code is, as Python would say it: torch.nn:LSTM(n, k), package.module:Cell or
FILE.py:make(n, k). Dimension symbols stand for their sizes, everything else is written out: Cell(n, k, bias=False).
What it gives is an nn.Module, or a pair (function, arrays) where function(arrays, *inputs and states) returns arrays.
{SPEC}"""


@click.command("audit", epilog=EPILOG, cls=SizesCommand)
@click.argument("spec", metavar="CELL")
@click.argument("module", metavar="MODULE")
@sizes
@click.option("--constant", "constants", multiple=True, metavar="NAME=VALUE", help="Another value of a constant.")
@click.option("--seed", default=0, show_default=True, help="Of the random points.")
@click.option(
    "--timeout",
    "limit",
    type=float,
    callback=lambda context, option, value: seconds(value, "--timeout"),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="What the audit may take.",
)
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--color", "colour", type=click.Choice([AUTO, ALWAYS, NEVER]), default=AUTO, show_default=True)
def audit_(
    spec: str,
    module: str,
    sizes: Mapping[str, int],
    constants: tuple[str, ...],
    seed: int,
    limit: float,
    kind: str,
    colour: str,
) -> None:
    """Compare other people's code with a cell: outputs, states and gradients, at random points in float64.

    How the code is called and where each parameter lies in its arrays is found. Where it differs, single edits of the
    equations are tried until one makes both equal: that equation is named, and what the code does instead.

    \b
    lstmspec audit LSTM 'torch.nn:LSTM(n, k)'               a module of a library
    lstmspec audit GRU 'torch.nn:GRUCell(n, k)'             one step of it
    lstmspec audit GRUResetBefore 'torch.nn:GRU(n, k)'      code that differs: the equation, and what it does instead
    lstmspec audit LSTM 'torch.nn:LSTM(n, k)' --set n=11    at another size
    lstmspec audit mine.py:Mine 'mine_torch.py:Mine(n, k)' --format json

    Exits 0 when both agree, 1 when they do not, 2 when they cannot be compared.
    """
    cells = loaded((spec,), kind)
    if len(cells) != 1:
        raise click.UsageError(f"`{spec}` has {len(cells)} cells; name one, as in FILE.py:Class")
    (cell,) = cells
    try:
        dims = check(cell).require().dims
    except SpecError as error:
        stop(error, kind)
    require_known(sizes, cells)
    chosen = {**dict(zip(dims, FIRST, strict=False)), **sizes}
    colourful = in_colour(colour)
    name = named(module, chosen)
    options: dict[str, Any] = {"sizes": chosen, "constants": numbers(constants, cell.system.symbols), "seed": seed}
    bar = _with_bar if kind == "text" and sys.stderr.isatty() else iter

    def rendered(report: Audit) -> tuple[str, int]:
        return _body(report, kind, colourful), _exit_code(report)

    def compared(made: Made) -> tuple[str, int]:
        return rendered(audit(cell, made[0], arrays=made[1], name=name.call, progress=bar, **options))

    try:
        found, why = used(name, module, compared, limit)
    except SpecError as error:
        stop(error, kind)
    body, code = found or rendered(impossible(cell.system, name.call, why))
    if body:
        show(body, kind, colour=colourful)
    sys.exit(code)


def _body(report: Audit, kind: str, colourful: bool) -> str:
    findings = Report(report.findings, cells=1)
    if kind == "text":
        parts = [shown(finding, colour=colourful) for finding in report.findings]
        return "\n\n".join([*parts, *([report.summary] if report.errors else [])])
    if kind == "json":
        return dumped({**json.loads(FORMATS[kind](findings)), "audit": _fields(report)})
    return FORMATS[kind](findings)


def _exit_code(report: Audit) -> int:
    return 2 if any(finding.code is Code.LS404 for finding in report.findings) else Report(report.findings).exit_code


def _fields(report: Audit) -> dict[str, object]:
    """What programs want to know of an audit beyond its findings."""
    return {
        "cell": report.system.name,
        "code": report.code,
        "agrees": report.agrees,
        "sizes": dict(report.sizes),
        "call": report.call or None,
        "places": dict(report.places),
        "unused": list(report.unused),
        "results": _finite(report.errors),
        "gradients": None if report.gradients is None else _finite(report.gradients),
        "edits": [
            {
                "kind": edit.kind.name.lower(),
                "equation": edit.equation,
                "was": edit.was,
                "now": edit.now,
                "line": edit.line,
            }
            for edit in report.edits
        ],
    }


def _finite(errors: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no infinity."""
    return {name: error if math.isfinite(error) else None for name, error in errors.items()}


def numbers(texts: Iterable[str], known: Iterable[str]) -> dict[str, float]:
    """`lam=0.9` as a number under its name. Raises UsageError."""
    found: dict[str, float] = {}
    names = list(known)
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            number = float(value) if equals and name in names else math.nan
        except ValueError:
            number = math.nan
        if math.isnan(number):
            raise click.UsageError(f"--constant {text}: expected NAME=VALUE with a constant of the cell and a number")
        if found.setdefault(name, number) != number:
            raise click.UsageError(f"--constant says two values for `{name}`: {found[name]:g} and {number:g}")
    return found


def _with_bar(edits: Sequence[Edit]) -> Iterator[Edit]:
    with click.progressbar(edits, label="edits of the equations", file=sys.stderr) as shown_edits:
        yield from shown_edits
