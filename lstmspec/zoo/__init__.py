"""The built-in cells, one family a file. Nothing outside this folder knows a cell by name.

Folders in it hold code about these cells and no cells; nothing that loads cells imports it.
"""

from __future__ import annotations

import importlib
import pkgutil

from ..cell import CellMeta, cells_of


def cells() -> dict[str, CellMeta]:
    """Name → built-in cell, in the order of the files; each call gives a dict of its own."""
    found: dict[str, CellMeta] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        found |= {cell.__name__: cell for cell in cells_of(module)}
    return found
