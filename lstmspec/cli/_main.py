"""The commands. Each prints findings and exits 0 (clean), 1 (findings) or 2 (could not run)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from ..cell import CellMeta
from ..check import check
from ..check import shown as shown_shape
from ..diagnostics import Code, Diagnostic, SpecError
from ..emit import differences, write
from ..emit import generate as generated_package
from ..render import FORMATS
from ._explain import consequences, explained, jacobians, parsed_settings
from ._load import load

HELP = """Declare a recurrent cell once; get its shapes proved, its gradients derived, its code generated.

\b
lstmspec check cells.py             prove the shapes of every cell in a file
lstmspec explain CELL               each name's shape, and why
lstmspec explain CELL --assume h=1  what follows if h has size 1
lstmspec grad CELL                  the adjoint, equation by equation
lstmspec generate cells.py:Mine     NumPy and PyTorch models into ./generated
"""
LEGEND = """# dL/df is the adjoint of f; a_f is the argument of f's activation, z what a dense layer acts on;
# upL(h.next) is the cotangent of h.next that comes from outside: the loss, or the step that follows
"""
SPEC = "A SPEC is a built-in cell's name (see `lstmspec list`), FILE.py, FILE.py:Class or package.module:Class."


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"]}, epilog=SPEC)
@click.version_option(package_name="lstmspec", prog_name="lstmspec")
def main() -> None:
    """Run the command line."""


def _loaded(specs: tuple[str, ...]) -> list[CellMeta]:
    try:
        return load(specs)
    except SpecError as error:
        _stop(error)


def _stop(error: SpecError) -> NoReturn:
    click.echo("\n\n".join(str(diagnostic) for diagnostic in error.diagnostics), err=True)
    sys.exit(_exit_code(error.diagnostics))


@main.command("list")
def list_() -> None:
    """List the built-in cells with their states and inputs."""
    for cell in load(()):
        doc = (cell.system.doc.strip().splitlines() or [""])[0]
        click.echo(f"{cell.__name__:16} states {', '.join(cell.system.states):8} {doc}")


@main.command("check", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
def check_(specs: tuple[str, ...], kind: str) -> None:
    """Prove the shapes of cells; without a SPEC, of all built-in ones.

    Exits 0 when there is nothing to say, 1 with findings, 2 when a SPEC cannot be loaded.
    """
    findings: list[Diagnostic] = []
    cells: list[CellMeta] = []
    for spec in specs or ("",):
        try:
            cells += load((spec,) if spec else ())
        except SpecError as error:
            findings += error.diagnostics
    findings += [finding for cell in dict.fromkeys(cells) for finding in check(cell).diagnostics]
    if findings or kind == "json":
        click.echo(FORMATS[kind](findings))
    equations = sum(len(cell.system.equations) for cell in cells)
    counts = ((len(cells), "cell"), (equations, "equation"), (len(findings), "finding"))
    # The summary goes where it does not end up in what programs read.
    click.echo(", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts), err=kind != "text")
    sys.exit(_exit_code(findings))


def _exit_code(findings: Sequence[Diagnostic]) -> int:
    unloadable = any(finding.code is Code.LS213 for finding in findings)
    return 2 if unloadable else 1 if findings else 0


@main.command("explain", epilog=SPEC)
@click.argument("spec")
@click.argument("more", nargs=-1, metavar="[NAME=SIZE]...")
@click.option("--set", "setting", metavar="NAME=SIZE", help="Show numbers for these sizes: --set n=1 k=32.")
@click.option("--assume", "assumption", metavar="'NAME is SIZE'", help="Show what follows if NAME has this size.")
@click.option("--jacobian", is_flag=True, help="Show how a step carries each state on.")
def explain(spec: str, more: tuple[str, ...], setting: str | None, assumption: str | None, jacobian: bool) -> None:
    """Print each name of a cell with its shape and the reason for it, and what a step costs.

    \b
    lstmspec explain CELL
    lstmspec explain CELL --set n=1 k=32
    lstmspec explain CELL --assume 'h is 1'
    """
    settings = parsed_settings(((setting,) if setting else ()) + more)
    for cell in _loaded((spec,)):
        try:
            click.echo(explained(cell, settings))
            if jacobian:
                click.echo(f"\n{jacobians(cell)}")
            if assumption is not None:
                click.echo(f"\n{consequences(cell, assumption)}")
        except SpecError as error:
            _stop(error)


@main.command("grad", epilog=SPEC)
@click.argument("spec")
@click.option("--twice", is_flag=True, help="Print the adjoint of the adjoint, for second derivatives.")
def grad(spec: str, twice: bool) -> None:
    """Print the adjoint of one step of a cell, equation by equation, with the shape of each."""
    for cell in _loaded((spec,)):
        try:
            derivative = cell.adjoint.adjoint if twice else cell.adjoint
        except SpecError as error:
            _stop(error)
        click.echo(LEGEND)
        shapes = derivative.shapes.of
        width = max(len(str(equation)) for equation in derivative.equations.values())
        for name, equation in derivative.equations.items():
            click.echo(f"{str(equation).ljust(min(width, 90))}  {shown_shape(shapes[name])}")


@main.command("generate", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("generated"), show_default=True)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; print a diff and exit 1 when files are stale."
)
def generate(specs: tuple[str, ...], out: Path, only_check: bool) -> None:
    """Generate NumPy and PyTorch models; without a SPEC, of all built-in cells.

    The folder is a package of its own that never imports lstmspec. The same cells give the same bytes.
    """
    cells = _loaded(specs)
    try:
        with click.progressbar(length=len(cells), label="generating", file=sys.stderr, item_show_func=str) as bar:
            package = generated_package([cell.system for cell in cells], lambda name: bar.update(1, name))
        if only_check:
            diff = differences(package, out)
            click.echo(diff or f"{out}: {len(package.files)} files are as the equations say", nl=not diff)
            if diff:
                command = " ".join(
                    ["lstmspec generate", *specs, *(["--out", str(out)] if str(out) != "generated" else [])]
                )
                click.echo(f"{out} is not as the equations say (diff above); mend it: {command}", err=True)
            sys.exit(1 if diff else 0)
        changed = write(package, out)
    except SpecError as error:
        _stop(error)
    except OSError as error:
        click.echo(f"error: {out} cannot be written: {error.strerror}: {error.filename}", err=True)
        sys.exit(2)
    click.echo(f"{out}: {len(package.files)} files, {len(changed)} written")
