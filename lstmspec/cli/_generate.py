"""`lstmspec generate`: models of cells, written, or compared with what is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..diagnostics import SpecError, printable
from ..emit import BACKENDS, Backend, Generated, Refused, compare, difference, write
from ..emit import generate as generated_package
from ..loading import SPEC, Unit, load_units, settings_from
from ._generate_report import command, done, refusal, summary, unknown
from ._origins import sources_of
from ._out import end, say, stop

INTERRUPTED = 130  # as a shell has it
_NAMES = [backend.name for backend in BACKENDS]


class _Out(click.Path):
    """The generated folder, which need not exist."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value) or "\0" in os.fspath(value):  # Path("") would be the working directory
            self.fail(f"`{printable(os.fspath(value))}` is no folder; the working directory is `.`", param, ctx)
        return super().convert(value, param, ctx)


@click.command("generate", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--out", type=_Out(), default=Path("generated"), show_default=True, help="The folder of the models.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 with a diff where files are stale.")
@click.option("--force", is_flag=True, help="Replace files that were not generated, or were edited since.")
@click.option("--prune", is_flag=True, help="Remove the models of deleted cells, where nobody edited them.")
@click.option("--backend", "names", multiple=True, type=click.Choice(_NAMES), help="Only this one; repeatable.")
def generate(
    specs: tuple[str, ...], out: Path, only_check: bool, force: bool, prune: bool, names: tuple[str, ...]
) -> None:
    """Generate NumPy and PyTorch models; without a SPEC, of all built-in cells.

    \b
    lstmspec generate cells.py                       into ./generated
    lstmspec generate cells.py --out src/pkg/models  as a part of your package
    lstmspec generate cells.py:Mine LSTM             one of yours, one built in
    lstmspec generate src --check                    in CI: is all up to date?
    lstmspec generate src --prune                    deleted cells' models go
    lstmspec generate LSTM --backend numpy           nothing that needs PyTorch

    The folder is a package of its own that never imports lstmspec. The same cells give the same bytes.

    A file is replaced if it was generated and is unedited, as the digest in its header tells. Where another one stands
    in the way, all are named and nothing is written; --force replaces them.

    Runs over several SPECs may share a folder; two cells of one name in different files may not. A model is left over
    when a run has all of the file, folder or module that declared its cell, as the folder's _sources.toml remembers,
    and the cell is not in it any more.

    Exits 0 when all is done, 1 with findings: stale files, files of yours in the way, faults in cells; 2 when it could
    not run.
    """
    units = _units(specs)
    backends = [backend for backend in BACKENDS if not names or backend.name in names]
    sources = replace(sources_of(specs, units, out), complete=len(backends) == len(BACKENDS))
    package = _package(units, backends)
    try:
        if only_check:
            found = compare(package, out, sources)
        else:
            written = write(package, out, sources, force=force, prune=prune)
    except Refused as error:
        end("\n".join(refusal(error.found, out)), 2 if any(one.standing.blocks for one in error.found) else 1)
    except OSError as error:
        verb = "read" if only_check else "written"
        at = "" if error.filename in (None, str(out)) else f"{error.filename}: "
        end(f"error: {printable(str(out))} cannot be {verb}: {printable(f'{at}{error.strerror or error}')}", 2)
    except KeyboardInterrupt:
        end(f"interrupted: each file in {printable(str(out))} is the old one or the new one; run it again", INTERRUPTED)
    if not only_check:
        say("\n".join(done(written, out)))
    elif found.clean:
        head = f"{printable(str(out))}: {len(found.texts)} files are as the equations say"
        say("\n".join([head, *unknown(found.unknown, out)]))
    else:
        say(difference(found, out), nl=False)
        end("\n".join([*summary(found, out), f"mend it: {command(specs, out, found, names)}"]), 1)


def _units(specs: Sequence[str]) -> list[Unit]:
    """The files that SPECs name with their cells; prints findings and exits where there are any."""
    units = list(load_units(specs, settings_from(Path.cwd()).timeout))
    if findings := [finding for unit in units for finding in unit.findings]:
        stop(SpecError(findings))
    return units


def _package(units: Sequence[Unit], backends: Sequence[Backend]) -> Generated:
    """The models of all cells; prints findings and exits where there are any."""
    cells = list(dict.fromkeys(cell for unit in units for cell in unit.cells))
    try:
        with click.progressbar(
            length=len(cells), label="generating", file=sys.stderr, item_show_func=str, hidden=not sys.stderr.isatty()
        ) as bar:
            systems = [cell.system for cell in cells]
            return generated_package(systems, lambda name: bar.update(1, name), backends)
    except SpecError as error:
        stop(error)
    except OSError as error:
        end(f"error: nothing was written: {printable(f'{error.filename}: {error.strerror}')}", 2)
