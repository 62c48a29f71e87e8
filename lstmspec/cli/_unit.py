"""One file's cells, and what is wrong with the file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ..cell import CellMeta
from ..diagnostics import Code, Diagnostic, shown_path
from ._classes import LONGEST, declared_twice
from ._modules import module_of
from ._paths import Target, cannot_read
from ._run import attempt, printable, refused


@dataclass(frozen=True)
class Unit:
    """A file's cells with what there is to say about the file. `path` is None for what is no file."""

    path: Path | None
    cells: tuple[CellMeta, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def cells_of(module: ModuleType) -> list[CellMeta]:
    """The cells that a module declares itself, in order."""
    values = vars(module).values()
    own = (value for value in values if isinstance(value, CellMeta) and value.__module__ == module.__name__)
    return list(dict.fromkeys(cell for cell in own if cell.is_spec))


def unit_of(target: Target, timeout: float) -> Unit:
    """Run a file, and take the cells that are wanted of it."""
    path, modules = target.path, list[ModuleType]()
    refusal = _unfit(path)
    findings = (refusal,) if refusal else attempt(str(path), lambda: modules.append(module_of(path)), timeout)
    if not modules:
        return Unit(path, findings=findings)
    (module,) = modules
    own = cells_of(module)
    if target.names:
        chosen = [getattr(module, name, None) for name in target.names]
        cells = [cell for cell in chosen if isinstance(cell, CellMeta) and cell.is_spec]
        missing = [name for name, cell in zip(target.names, chosen, strict=True) if cell not in cells]
        findings += tuple(_no_such_cell(target, name, own) for name in missing)
        return Unit(path, tuple(cells), findings)
    if not own and target.asked:
        findings += (no_cell(path, "`{}` declares no cell"),)
    twice = declared_twice(path, path.read_text(encoding="utf-8", errors="replace")) if own else iter(())
    for name, site, first in twice:
        if name in {cell.__name__ for cell in own}:
            message = f"cell `{name}` is declared twice; only the second one is left"
            notes, help_ = (f"the first one stands in line {first}",), "give one of them another name"
            findings += (Diagnostic(Code.LS206, message, site, name, notes=notes, help=help_),)
    return Unit(path, tuple(own), findings)


def _unfit(path: Path) -> Diagnostic | None:
    """Why a file is not even parsed."""
    shown = printable(shown_path(str(path)))
    try:
        size = path.stat().st_size
        if size > LONGEST:
            return refused(str(path), f"`{shown}` has {size:,} bytes; a specification has at most {LONGEST:,}")
        if b"\0" in path.read_bytes():
            return refused(str(path), f"`{shown}` is no Python source: it has null bytes")
    except OSError as error:
        return cannot_read(path, error)
    return None


def no_cell(path: Path, message: str) -> Diagnostic:
    """The finding about a file or folder that was named for its cells and has none."""
    return refused(str(path), message.format(printable(shown_path(str(path)))), "derive a class from lstmspec.Cell")


def _no_such_cell(target: Target, name: str, own: list[CellMeta]) -> Diagnostic:
    names = [cell.__name__ for cell in own]
    close = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    message = f"`{printable(shown_path(str(target.path)))}` has no cell `{printable(name)}`"
    return refused(str(target.path), message, f"{guess}its cells: {', '.join(names) or 'none'}")
