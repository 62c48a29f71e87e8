"""What `lstmspec explain` says: shapes with reasons, costs, Jacobians, and the consequences of an assumption."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import click

from ..cell import CellMeta
from ..check import Assumption, assume, check, cost, formula, shown
from ..diagnostics import Code, Diagnostic, SpecError
from ..dims import Shape, Size

BYTES = 4  # of a float32


def parsed_settings(texts: Iterable[str]) -> dict[str, int]:
    """`n=1` and so on as numbers. Raises click.UsageError for anything else."""
    found: dict[str, int] = {}
    for text in texts:
        match = re.fullmatch(r"(\w+)=([0-9]+)", text, re.ASCII)
        if match is None or int(match[2]) < 1:
            raise click.UsageError(f"{text!r} sets no size; expected NAME=SIZE with a positive integer, as in n=1")
        found[match[1]] = int(match[2])
    return found


def explained(cell: CellMeta, settings: Mapping[str, int]) -> str:
    """The table of names, and the cost of a step; with numbers for the sizes that are set.

    Raises:
        SpecError: the cell is ill-shaped; LS207 for a size that it does not have.

    """
    shapes = check(cell).require()
    if unknown := [name for name in settings if name not in shapes.dims]:
        message = f"`{unknown[0]}` is no dimension of this cell; it has {', '.join(shapes.dims)}"
        raise SpecError([Diagnostic(Code.LS207, message, None, cell.__name__)])
    rows = [
        (fact.name, fact.role.value if fact.role else "equation", _shape(fact.shape, settings), fact.why)
        for fact in shapes.facts
    ]
    free = [dim for dim in shapes.dims if dim not in settings]
    given = [f"{dim} = {value}" for dim, value in settings.items()]
    many = (
        f"dimensions {', '.join(free)} are independent"
        if len(free) > 1
        else f"dimension {free[0]} is free"
        if free
        else ""
    )
    head = "; ".join(part for part in (", ".join(given), many) if part)
    return "\n".join([f"{cell.__name__}: {head}", *_aligned(rows), "", *_costs(cell, settings)])


def _shape(shape: Shape, settings: Mapping[str, int]) -> str:
    return shown(tuple(_at(size, settings) for size in shape))


def _at(size: Size, settings: Mapping[str, int]) -> Size:
    return size.substitute(lambda atom: Size.of(settings[atom]) if atom in settings else None)


def _aligned(rows: list[tuple[str, str, str, str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*(text.ljust(w) for text, w in zip(row, widths, strict=False)), row[3]]) for row in rows]


def _costs(cell: CellMeta, settings: Mapping[str, int]) -> list[str]:
    counts = cost(cell)
    lines = {
        "parameters": counts.parameters,
        "multiply-adds a step": counts.multiply_adds,
        "elementwise operations a step": counts.elementwise,
        "bytes of state (float32)": counts.state * Size.of(BYTES),
    }
    width = max(len(name) for name in lines)
    return [f"{name.ljust(width)}  {formula(_at(size, settings))}" for name, size in lines.items()]


def jacobians(cell: CellMeta) -> str:
    """The Jacobian of every vector state's new value with respect to its previous one."""
    vectors = [state for state in cell.system.states if len(check(cell).require().of[state]) == 1]
    return "\n".join(str(cell.jacobian(f"{state}.next", state)) for state in vectors)


def consequences(cell: CellMeta, text: str) -> str:
    """What an assumption such as `h is 1` forces, and the readout that makes it unnecessary.

    Raises:
        click.UsageError: the text is no assumption.
        SpecError: there is no such name, or it cannot have that size.

    """
    match = re.fullmatch(r"\s*([\w.]+)\s*(?:=|is)\s*([0-9]+)\s*", text, re.ASCII)
    if match is None:
        raise click.UsageError(f"--assume {text!r}: expected 'NAME is SIZE', as in 'h is 1'")
    found = assume(cell, match[1], int(match[2]))
    return f"{found}\n\n{mend(cell, found)}" if found.forced else str(found)


def mend(cell: CellMeta, found: Assumption) -> str:
    """The variant of a cell whose output has the assumed size while its dimensions stay free, ready to paste."""
    name = cell.__name__
    source = found.name if found.name not in cell.system.states else f"{found.name}.next"
    free = ", ".join(found.forced)
    return f'''Nothing in the equations says so. A readout, a dense layer after {found.name}, has size {found.size}
and leaves {free} free:

class {name}WithReadout({name}):
    """{name} with a readout of size {found.size}."""

    y = Output(affine({name}.{source}, name="y", size={found.size}))'''
