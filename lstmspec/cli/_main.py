"""The command line: its help, and its commands, each imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from ..interruption import CODE, WORD, raise_again
from ..loading import SPEC
from ._streams import COULD_NOT, STDOUT, UNREAD, require_streams, silence, unwritten

HELP = """Declare a recurrent cell once; get its shapes proved, its gradients derived, its code generated.

\b
lstmspec check cells.py             prove the shapes of every cell in a file
lstmspec check src/mypackage        ... of every cell below a folder
lstmspec explain CELL               each name's shape, and why
lstmspec explain CELL --assume h=1  what follows if h has size 1
lstmspec explain LS102              what a finding means, with an example
lstmspec grad CELL                  the adjoint, equation by equation
lstmspec audit CELL 'mine:Mod(n, k)'  does somebody's code compute the cell?
lstmspec list                       the built-in cells: states, parameters, operations, kernel class
lstmspec generate cells.py:Mine     NumPy and PyTorch models into ./generated
lstmspec verify cells.py            the models proved: values, derivatives, shapes, planted faults
lstmspec convert --list             where PyTorch, Keras, ONNX, Flax keep a cell's weights
"""
COMMANDS = {
    "audit": "_audit:audit_",
    "check": "_check:check_",
    "convert": "_convert:convert",
    "explain": "_explain_and_grad:explain",
    "generate": "_generate:generate",
    "grad": "_explain_and_grad:grad",
    "list": "_list:list_",
    "schema": "_check:schema_",
    "verify": "_verify:verify_",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for: to check cells, nothing that generates code is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is no command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C, and a reader who goes away, end it with exit codes of their own.

        What is too deep or too large for it cannot be done, and is no fault of this package.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(WORD, err=True)
            ctx.exit(CODE)
        except (RecursionError, MemoryError) as error:
            why = "an equation is nested too deeply; split it into several"
            click.echo(f"error: {why if isinstance(error, RecursionError) else 'there is not enough memory'}", err=True)
            ctx.exit(COULD_NOT)
        except BrokenPipeError:
            silence(STDOUT)
            ctx.exit(UNREAD)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command. Output that cannot be written ends it without a traceback, with exit code 2."""
        raise_again()
        require_streams()
        try:
            return super().main(*args, **options)
        except OSError as error:
            unwritten(error)


@click.group(cls=LazyGroup, help=HELP, context_settings={"help_option_names": ["-h", "--help"]}, epilog=SPEC)
@click.version_option(package_name="lstmspec", prog_name="lstmspec")
def main() -> None:
    """Run the command line."""
