"""The layouts that are known of a cell: those in `zoo/layouts.toml`, for the very equations that it says.

The file is data, read by its path in the package: nothing of the zoo is imported, whose cells import all of this.
"""

from __future__ import annotations

import difflib
import functools
import importlib.resources
from collections.abc import Mapping

from ..diagnostics import fitting, written
from ..language import HasSystem, System, system_of
from ._foreign_arrays import Array, LayoutError, Part
from ._layout import Layout
from ._parameters import parameters_of
from ._read import ArrayTable, Row, Table, read
from ._same_cell import KnownCell, difference, known_cell, read_cells

PACKAGE, FOLDER, FILE = __name__.partition(".")[0], "zoo", "layouts.toml"
Operands = Mapping[str, list[str]]  # matrix → what its columns act on


@functools.cache
def tables() -> Mapping[str, Mapping[str, Table]]:
    """Cell → name → layout, as the file says it. Raises LayoutError when the file is not as its top says."""
    return read(_text(), FILE)


@functools.cache
def cells() -> Mapping[str, KnownCell]:
    """Name → the cell that its layouts are of. Raises LayoutError as `tables` does."""
    return read_cells(_text(), FILE)


def _text() -> str:
    return importlib.resources.files(PACKAGE).joinpath(FOLDER, FILE).read_text(encoding="utf-8")


@fitting
def layouts(cell: System | HasSystem) -> tuple[str, ...]:
    """The names of the layouts that are known of a cell, `("pytorch", "keras", …)`; none for a cell of your own."""
    system = system_of(cell)
    return tuple(tables().get(system.name, {})) if not _foreign(system) else ()


@fitting
def layout(cell: System | HasSystem, name: str, *, suffix: str | None = None) -> Layout:
    """Where another implementation keeps the parameters of a cell.

    `layout(LSTM, "keras").to_spec(arrays)` are the parameters under the names of the equations, `.from_spec(spec)` the
    arrays of keras.layers.LSTM: `kernel` (n, 4*k), `recurrent_kernel` (k, 4*k), `bias` (4*k).

    Args:
        cell: A built-in cell, or one with the same name and the same equations.
        name: One of `layouts(cell)`.
        suffix: The end of the name of every array, where it is not the usual: of `pytorch`, "_l0" is usual,
            "_l1_reverse" the second layer read backwards, and "" a torch.nn.LSTMCell. Arrays of other layers than the
            one that is said are left alone; where none is said, they are refused.

    Raises:
        LayoutError: no such layout is known of this cell.

    """
    system = system_of(cell)
    if reason := _foreign(system):
        raise LayoutError(reason)
    known = tables()[system.name]
    if not isinstance(name, str) or name not in known:
        near = difflib.get_close_matches(name, known, 1) if isinstance(name, str) else []
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise LayoutError(f"{system.name}: no layout {written(name)} is known; expected one of {list(known)}{guess}")
    if not isinstance(suffix, str | None):
        raise LayoutError(f"{system.name}.{name}: suffix = {written(suffix)} is no text; expected one such as '_l1'")
    return layout_of(system, known[name], suffix)


def layout_of(system: System, table: Table, suffix: str | None = None) -> Layout:
    """The layout that a table says, for a cell. Raises LayoutError when it does not fit the cell's parameters."""
    ending = table.suffix if suffix is None else suffix
    operands = {name: [found.operand for found in parts] for name, parts in parameters_of(system).columns.items()}
    arrays = (
        Array(f"{array.name}{ending}", _grid(operands, table, array), array.transposed, array.lead)
        for array in table.arrays
    )
    # `weight_ih_l0` lies beside `weight_ih_l1` and `weight_ih_l0_reverse`.
    suffixed = tuple(array.name for array in table.arrays) if table.suffix else ()
    name = f"{table.cell}.{table.name}"
    return Layout(system, tuple(arrays), table.offsets, name, suffixed, is_chosen=suffix is not None)


def _grid(operands: Operands, table: Table, array: ArrayTable) -> tuple[tuple[Part | None, ...], ...]:
    where = f"{table.cell}.{table.name}: array `{array.name}`"
    wide = max(1, len(array.columns))
    return tuple((None,) * wide if row is None else _parts(where, operands, row, array.columns) for row in array.rows)


def _parts(where: str, operands: Operands, row: Row, asked: tuple[str, ...]) -> tuple[Part, ...]:
    """The parts of a row; those of a matrix for the operands that it is asked for."""
    wanted = (row.operand,) if row.operand else asked
    if not wanted:
        return (Part(row.parameter),)
    known = operands.get(row.parameter)
    if known is None:
        raise LayoutError(f"{where}: the cell has no matrix `{row.parameter}`; it has {list(operands)}")
    for operand in wanted:
        if operand not in known:
            raise LayoutError(f"{where}: `{row.parameter}` does not act on `{operand}`; it acts on {known}")
    return tuple(Part(row.parameter, known.index(operand)) for operand in wanted)


def _foreign(system: System) -> str:
    """Why the tables are not for this cell, if they are not."""
    known = cells()
    if system.name not in known:
        help_ = "a variant that keeps the parameters of one of these is converted by the layout of that one"
        return f"no layouts are known of `{system.name}`; they are of {', '.join(known)}; {help_}"
    if odd := difference(known_cell(system), known[system.name]):
        name = f"`{system.name}` is not the built-in cell of that name, whose layouts are known"
        return f"{name}: {odd}; make a Layout of it"
    return ""
