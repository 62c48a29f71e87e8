"""PyTorch's own code for a cell: a module whose arrays a layout knows, among the library's codes that are audited."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from ..audit_trial import library_rows
from ..auditor import code_name
from ..cell import CellMeta
from ..checker import check
from ..convert import Layout, layout, layouts, tables
from ..language import System

Row = tuple[int, int, int, int]  # steps, samples, the sizes of the input and of the last state
PROBE: Row = (2, 3, 5, 7)


@dataclass(frozen=True)
class TheirCode:
    """A library's module that computes a cell.

    Attributes:
        cell: The cell.
        code: How it is made, as `lstmspec audit` takes it.
        name: Its name, with its package.
        layout: Where its arrays have the parameters of the cell.

    """

    cell: CellMeta
    code: str
    name: str
    layout: Layout

    def made(self, row: Row) -> torch.nn.Module:
        """The module at a size, with first values of its own."""
        made: torch.nn.Module = _made(self.code, sizes_of(self.layout.system, row))
        return made


def sizes_of(system: System, row: Row) -> dict[str, int]:
    """A number for each dimension symbol: the input's, the last state's, and for any other half of that."""
    _, _, n, k = row
    shapes = check(system).require()
    known = {str(shapes.of[system.inputs[0]][-1]): n, str(shapes.of[system.states[-1]][-1]): k}
    return {dim: known.get(dim, (k + 1) // 2) for dim in shapes.dims}


def their_code(cell: CellMeta) -> TheirCode | None:
    """A library's module that computes this cell and whose arrays a layout knows; None where there is none."""
    return next(_codes(cell, replace(cell.system)), None)  # a copy: what is known of the cell itself is yet to be timed


def their_codes(cells: Mapping[str, CellMeta]) -> list[TheirCode]:
    """Those of some cells, in the order in which layouts are known."""
    found = (their_code(cells[name]) for name in tables() if name in cells)
    return [code for code in found if code is not None]


def _codes(cell: CellMeta, system: System) -> Iterator[TheirCode]:
    names, sizes = layouts(system), sizes_of(system, PROBE)
    agreeing = (row for row in library_rows() if names and row.cell == cell.__name__ and not row.edits)
    for row in agreeing:
        try:
            module = _made(row.code, sizes)
        except ImportError:  # a library that is not installed has nothing to be timed
            continue
        if isinstance(module, torch.nn.Module) and (found := _layout_of(system, names, module)) is not None:
            place = code_name(row.code, sizes)
            yield TheirCode(cell, row.code, ".".join((place.place, *place.names)), found)


def _made(code: str, sizes: Mapping[str, int]) -> Any:
    name = code_name(code, sizes)
    return name.made(importlib.import_module(name.place))[0]


def _layout_of(system: System, names: Sequence[str], module: torch.nn.Module) -> Layout | None:
    """The layout that has just the arrays of a module."""
    own = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    sizes = sizes_of(system, PROBE)
    for name in names:
        found = layout(system, name)
        if own == {array: tuple(size.at(sizes) for size in shape) for array, shape in found.shapes.items()}:
            return found
    return None
