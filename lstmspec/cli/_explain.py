"""What `lstmspec explain` says: shapes with reasons, costs, Jacobians, and the consequences of an assumption."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Mapping

import click

from ..cell import CellMeta
from ..checker import Assumption, assume, check, cost, formula
from ..diagnostics import Code, Diagnostic, SpecError, shown_path
from ..nodes import Name
from ..sizes import Size
from ._shape_table import chains, file_of, size_at, table
from ._sizes import DIGITS

BYTES = 4  # of a float32
WIDTH = 120  # beyond which a Jacobian goes on in the next line


def explained(cell: CellMeta, settings: Mapping[str, int]) -> str:
    """The table of names, and the cost of a step; with numbers for the sizes that are set. Raises SpecError."""
    shapes = check(cell).require()
    settings = {dim: size for dim, size in settings.items() if dim in shapes.dims}
    free = [dim for dim in shapes.dims if dim not in settings]
    given = ", ".join(f"{dim} = {value}" for dim, value in settings.items())
    several = f"dimensions {', '.join(free)} are independent"
    many = several if len(free) > 1 else f"dimension {free[0]} is free" if free else ""
    head = "; ".join(part for part in (given, many, shown_path(file_of(shapes))) if part)
    return "\n".join([f"{cell.__name__}: {head}", *table(shapes, settings), "", *_costs(cell, settings)])


def reasons(cell: CellMeta, text: str, settings: Mapping[str, int]) -> str:
    """The whole chain of equations by which a name has its shape.

    Raises:
        SpecError: the cell is ill-shaped; LS207 for a name that it does not have.

    """
    name, shapes = Name(text), check(cell).require()
    if name not in shapes.of:
        near = difflib.get_close_matches(name, shapes.of, 1)
        known = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(shapes.of)}"
        message = f"`{name}` is not part of this cell"
        raise SpecError([Diagnostic(Code.LS207, message, None, cell.__name__, help=known)])
    return chains(shapes, name, settings)


def _costs(cell: CellMeta, settings: Mapping[str, int]) -> list[str]:
    counts = cost(cell)
    lines = {
        "parameters": counts.parameters,
        "multiply-adds a step": counts.multiply_adds,
        "elementwise operations a step": counts.elementwise,
        "bytes of state (float32)": counts.state * Size.of(BYTES),
    }
    width = max(len(name) for name in lines)
    return [f"{name.ljust(width)}  {formula(size_at(size, settings))}" for name, size in lines.items()]


def jacobians(cell: CellMeta) -> str:
    """The Jacobian of every state's new value with respect to its previous one, or why there is none."""
    lines = [line for state in cell.system.states for line in _jacobian(cell, state).splitlines()]
    return "\n".join(folded for line in lines for folded in _folded(line))


def _jacobian(cell: CellMeta, state: Name) -> str:
    try:
        return str(cell.jacobian(state.next, state))
    except SpecError as error:  # a mean, a softmax on the way: the rest of what is asked for is there all the same
        return f"∂{state}.next/∂{state}: {error.diagnostics[0].message}"


def _folded(line: str) -> list[str]:
    margin = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def consequences(cell: CellMeta, text: str) -> str:
    """What an assumption such as `h is 1` forces, and the readout that makes it unnecessary.

    Raises:
        click.UsageError: the text is no assumption.
        SpecError: there is no such name, or it cannot have that size.

    """
    match = re.fullmatch(rf"\s*([\w.]+)\s*(?:=|is)\s*({DIGITS})\s*", text, re.ASCII)
    if match is None:
        raise click.UsageError(f"--assume {text!r}: expected 'NAME is SIZE', as in 'h is 1'")
    found = assume(cell, match[1], int(match[2]))
    readable = found.name in cell.system.equations or found.name in cell.system.states
    return f"{found}\n\n{mend(cell, found)}" if found.forced and readable else str(found)


def mend(cell: CellMeta, found: Assumption) -> str:
    """The variant of a cell whose output has the assumed size while its dimensions stay free, ready to paste."""
    name = cell.__name__
    source = found.name if found.name not in cell.system.states else found.name.next
    free = ", ".join(found.forced)
    taken = {*cell.system.symbols, *cell.system.equations}
    free_name = next(name for name in ("y", "prediction", "readout_y") if name not in taken)
    return f'''Nothing in the equations says so. A readout, a dense layer after {found.name}, has size {found.size}
and leaves {free} free:

class {name}WithReadout({name}):
    """{name} with a readout of size {found.size}."""

    {free_name} = Output(affine({name}.{source}, name="{free_name}", size={found.size}))'''
