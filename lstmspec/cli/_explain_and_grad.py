"""`lstmspec explain` and `grad`: what can be asked about cells and codes."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ..checker import shown as shown_shape
from ..loading import SPEC
from ._explain import consequences, explained, jacobians, reasons
from ._explain_code import about_code, is_code
from ._out import Run, say
from ._shape_table import sizes_at
from ._sizes import SizesCommand, require_known, sizes

LEGEND = """# dL/df is the adjoint of f; a_f is the argument of f's activation, z what a dense layer acts on;
# upL(h.next) is the cotangent of h.next that comes from outside: the loss, or the step that follows
"""


@click.command("explain", epilog=SPEC, cls=SizesCommand)
@click.argument("spec")
@sizes
@click.option("--assume", "assumption", metavar="'NAME is SIZE'", help="Show what follows if NAME has this size.")
@click.option("--why", "name", metavar="NAME", help="Show the whole chain of equations behind NAME's shape.")
@click.option("--jacobian/--no-jacobian", default=True, help="Show how a step carries each state on.  [default: on]")
def explain(spec: str, sizes: Mapping[str, int], assumption: str | None, name: str | None, jacobian: bool) -> None:
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
    run = Run.of((spec,))
    require_known(sizes, run.cells)
    for cell in run.cells:
        with run.telling():
            say(explained(cell, sizes) if name is None else reasons(cell, name, sizes))
            if name is None and jacobian and (carried := jacobians(cell)):
                say(f"\n{carried}")
            if assumption is not None:
                say(f"\n{consequences(cell, assumption)}")
    run.end()


@click.command("grad", epilog=SPEC, cls=SizesCommand)
@click.argument("spec")
@sizes
@click.option("--twice", is_flag=True, help="Print the adjoint of the adjoint, for second derivatives.")
def grad(spec: str, sizes: Mapping[str, int], twice: bool) -> None:
    """Print the adjoint of one step of a cell, equation by equation, with the shape of each.

    \b
    lstmspec grad LSTM             dL/df and so on: how a loss depends on each gate, state and weight
    lstmspec grad LSTM --set n=1 k=32  the same with numbers for shapes
    lstmspec grad LSTM --twice     the adjoint of those equations: second derivatives
    lstmspec grad cells.py:Mine    a cell of your own
    """
    run = Run.of((spec,))
    require_known(sizes, run.cells)
    for cell in run.cells:
        with run.telling():
            derivative = cell.adjoint.adjoint if twice else cell.adjoint
            shapes = derivative.shapes.of
            say(LEGEND)
            width = max(len(str(equation)) for equation in derivative.equations.values())
            for equation in derivative.equations.values():
                say(f"{str(equation).ljust(min(width, 90))}  {shown_shape(sizes_at(shapes[equation.name], sizes))}")
    run.end()
