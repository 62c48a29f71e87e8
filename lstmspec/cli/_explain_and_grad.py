"""`lstmspec explain` and `grad`: what can be asked about cells and codes."""

from __future__ import annotations

import click

from ..checker import shown as shown_shape
from ..diagnostics import SpecError
from ..loading import SPEC
from ._explain import consequences, explained, jacobians, parsed_settings, reasons
from ._explain_code import about_code, is_code
from ._out import loaded, say, stop

LEGEND = """# dL/df is the adjoint of f; a_f is the argument of f's activation, z what a dense layer acts on;
# upL(h.next) is the cotangent of h.next that comes from outside: the loss, or the step that follows
"""


@click.command("explain", epilog=SPEC)
@click.argument("spec")
@click.argument("more", nargs=-1, metavar="[NAME=SIZE]...")
@click.option("--set", "setting", metavar="NAME=SIZE", help="Show numbers for these sizes: --set n=1 k=32.")
@click.option("--assume", "assumption", metavar="'NAME is SIZE'", help="Show what follows if NAME has this size.")
@click.option("--why", "name", metavar="NAME", help="Show the whole chain of equations behind NAME's shape.")
@click.option("--jacobian/--no-jacobian", default=True, help="Show how a step carries each state on.  [default: on]")
def explain(
    spec: str, more: tuple[str, ...], setting: str | None, assumption: str | None, name: str | None, jacobian: bool
) -> None:
    """Print each name of a cell with its shape and the reason for it, and the cost of a step; or explain a code.

    \b
    lstmspec explain LSTM                    every name: its shape, and the equation that forces it
    lstmspec explain LSTM --set n=1 k=32     the same in numbers: parameters, multiply-adds, bytes
    lstmspec explain LSTM --assume 'h is 1'  if h is one number: all that shrinks with it, and the mend
    lstmspec explain LSTM --why W_f          the chain of equations behind the shape of W_f
    lstmspec explain cells.py:Mine           a cell of your own
    lstmspec explain LS102                   a finding's code, with an example and its mend
    """
    if is_code(spec):
        say(about_code(spec))
        return
    settings = parsed_settings(((setting,) if setting else ()) + more)
    for cell in loaded((spec,)):
        try:
            if name is not None:
                say(reasons(cell, name))
                continue
            say(explained(cell, settings))
            if jacobian and (carried := jacobians(cell)):
                say(f"\n{carried}")
            if assumption is not None:
                say(f"\n{consequences(cell, assumption)}")
        except SpecError as error:
            stop(error)


@click.command("grad", epilog=SPEC)
@click.argument("spec")
@click.option("--twice", is_flag=True, help="Print the adjoint of the adjoint, for second derivatives.")
def grad(spec: str, twice: bool) -> None:
    """Print the adjoint of one step of a cell, equation by equation, with the shape of each.

    \b
    lstmspec grad LSTM             dL/df and so on: how a loss depends on each gate, state and weight
    lstmspec grad LSTM --twice     the adjoint of those equations: second derivatives
    lstmspec grad cells.py:Mine    a cell of your own
    """
    for cell in loaded((spec,)):
        try:
            derivative = cell.adjoint.adjoint if twice else cell.adjoint
        except SpecError as error:
            stop(error)
        say(LEGEND)
        shapes = derivative.shapes.of
        width = max(len(str(equation)) for equation in derivative.equations.values())
        for equation in derivative.equations.values():
            say(f"{str(equation).ljust(min(width, 90))}  {shown_shape(shapes[equation.name])}")
