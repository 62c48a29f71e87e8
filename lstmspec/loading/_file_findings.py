"""What there is to say about a file, as values that are independent of the process in which it was run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..cell import CellMeta
from ..diagnostics import Diagnostic
from ._cell_findings import contained
from ._file_cells import Unit

Key = tuple[str, str]  # of a cell: the file that has it, and its name there


@dataclass(frozen=True)
class CellFindings:
    """A cell with what there is to say about it, and those that it is a variant of, the nearest first."""

    key: Key
    bases: tuple[Key, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class FileFindings:
    """A file's cells, and what there is to say about the file. `path` is None for what is no file."""

    path: Path | None
    cells: tuple[CellFindings, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def findings_of_cells(unit: Unit, *, check: bool = True) -> Iterator[CellFindings]:
    """The cells of a file, one after another, with what there is to say about each if that is asked for."""
    for cell in unit.cells:
        bases = [_key(base) for base in cell.__mro__[1:] if isinstance(base, CellMeta) and base.is_spec]
        yield CellFindings(_key(cell), tuple(bases), tuple(contained(cell)) if check else ())


def _key(cell: CellMeta) -> Key:
    module = sys.modules.get(cell.__module__)
    file = getattr(module, "__file__", None) or cell.__module__
    names = (name for name, value in vars(module).items() if value is cell) if module is not None else iter(())
    return str(file), next(names, cell.__qualname__)
