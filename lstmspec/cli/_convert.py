"""`lstmspec convert`: weights in an .npz file, from the arrays of one implementation to those of another."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click

from ..cell import CellMeta
from ..convert import Layout, LayoutError, Table, layout, layouts, tables
from ..convert import described as described_array
from ..loading import SPEC
from ..render import dumped
from . import _npz
from ._out import loaded, say, show

EQUATIONS = "spec"  # the parameters under the names of the equations
PLACES = (
    f"FROM and TO are names of layouts (see --list), or `{EQUATIONS}` for the names of the equations. NAME:SUFFIX says "
    "what stands behind each array's name: pytorch:_l1_reverse, and `pytorch:` for a torch.nn.LSTMCell. Arrays of "
    "other layers are left out, and named, where a SUFFIX says which is meant; else they are refused. CELL: "
)


@click.command("convert", epilog=PLACES + SPEC)
@click.argument("cell", required=False)
@click.argument("source", required=False, metavar="[FROM")
@click.argument("target", required=False, metavar="TO")
@click.argument("given", required=False, metavar="IN.npz", type=click.Path(path_type=Path))
@click.argument("made", required=False, metavar="OUT.npz]", type=click.Path(path_type=Path))
@click.option("--list", "only_list", is_flag=True, help="Print the layouts that are known, of CELL or of all cells.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Of the list.")
def convert(
    cell: str | None,
    source: str | None,
    target: str | None,
    given: Path | None,
    made: Path | None,
    only_list: bool,
    format_: str,
) -> None:
    """Convert a cell's weights from the arrays of one implementation to those of another.

    \b
    lstmspec convert --list                                   gate orders, transposes, biases of every layout
    lstmspec convert --list GRU                               those of one cell
    lstmspec convert LSTM keras pytorch keras.npz torch.npz   from one implementation to another
    lstmspec convert LSTM pytorch:_l1 spec torch.npz out.npz  the second of several layers, to the equations' names
    lstmspec convert LSTM pytorch: keras cell.npz keras.npz   from a torch.nn.LSTMCell

    Exit codes: 0 written, 1 the arrays do not fit the layout, 2 could not run.
    """
    if only_list:
        show(_listed(_known(cell), format_), format_)
        return
    if cell is None or source is None or target is None or given is None or made is None:
        raise click.UsageError("expected CELL FROM TO IN.npz OUT.npz, or --list")
    cls = _one(cell)
    read, write = _layout(cls, source), _layout(cls, target)
    if read is None and write is None:
        raise click.UsageError(f"FROM and TO are both `{EQUATIONS}`; at least one is a layout")
    arrays = _npz.read(given)
    try:
        spec = arrays if read is None else read.to_spec(arrays)
        found = spec if write is None else write.from_spec(spec)
    except LayoutError as error:
        say(f"error: {given}: {error}", err=True)
        sys.exit(1)
    _npz.write(made, found)
    if read is not None and (others := read.of_other_layers(arrays)):
        say(f"note: {given}: left out {', '.join(others)}, of other layers; each is converted by itself", err=True)
    shapes = ", ".join(f"{name} {array.shape}" for name, array in found.items())
    say(f"{made}: {len(found)} arrays: {shapes}")


def _one(spec: str) -> CellMeta:
    cells = loaded((spec,))
    if len(cells) != 1:
        names = ", ".join(cell.__name__ for cell in cells) or "none"
        raise click.UsageError(f"{spec} has {len(cells)} cells: {names}; expected one, as in FILE.py:Class")
    return cells[0]


def _layout(cell: CellMeta, text: str) -> Layout | None:
    """The layout that NAME or NAME:SUFFIX means; None for the equations themselves."""
    name, colon, suffix = text.partition(":")
    if name == EQUATIONS:
        if colon:
            raise click.UsageError(f"{text}: the names of the equations have no suffix; write {EQUATIONS}")
        return None
    try:
        return layout(cell, name, suffix=suffix if colon else None)
    except LayoutError as error:
        raise click.UsageError(str(error)) from error


def _known(cell: str | None) -> list[Table]:
    """The tables of a cell that has any, or of all."""
    names = list(tables()) if cell is None else [cls.__name__ for cls in loaded((cell,)) if layouts(cls)]
    if not names:
        raise click.UsageError(f"no layouts are known of {cell}; they are of {', '.join(tables())}")
    return [table for name in names for table in tables()[name].values()]


def _listed(known: list[Table], format_: str) -> str:
    if format_ == "json":
        return dumped([dataclasses.asdict(table) for table in known])
    parts = []
    for table in known:
        wide = max(len(array.name) for array in table.arrays) + len(table.suffix)
        lines = [f"  {(array.name + table.suffix).ljust(wide)}  {described_array(array)}" for array in table.arrays]
        lines += [f"  adds {value:g} to {name} itself" for name, value in table.offsets.items()]
        parts.append("\n".join([f"{table.cell} {table.name}: {table.source}", *lines]))
    return "\n\n".join(parts)
