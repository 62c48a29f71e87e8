"""`lstmspec generate`: models of cells, written, or compared with what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..diagnostics import SpecError
from ..emit import differences, write
from ..emit import generate as generated_package
from ..loading._specs import SPEC
from ._out import loaded, say, stop


@click.command("generate", epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("generated"), show_default=True)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; print a diff and exit 1 when files are stale."
)
def generate(specs: tuple[str, ...], out: Path, only_check: bool) -> None:
    """Generate NumPy and PyTorch models; without a SPEC, of all built-in cells.

    The folder is a package of its own that never imports lstmspec. The same cells give the same bytes.
    """
    cells = loaded(specs)
    try:
        with click.progressbar(length=len(cells), label="generating", file=sys.stderr, item_show_func=str) as bar:
            package = generated_package([cell.system for cell in cells], lambda name: bar.update(1, name))
        if only_check:
            diff = differences(package, out)
            say(diff or f"{out}: {len(package.files)} files are as the equations say", nl=not diff)
            if diff:
                command = " ".join(
                    ["lstmspec generate", *specs, *(["--out", str(out)] if str(out) != "generated" else [])]
                )
                say(f"{out} is not as the equations say (diff above); mend it: {command}", err=True)
            sys.exit(1 if diff else 0)
        changed = write(package, out)
    except SpecError as error:
        stop(error)
    except OSError as error:
        say(f"error: {out} cannot be written: {error.strerror}: {error.filename}", err=True)
        sys.exit(2)
    say(f"{out}: {len(package.files)} files, {len(changed)} written")
