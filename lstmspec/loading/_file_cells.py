"""One file's cells, and what is wrong with the file."""

from __future__ import annotations

import difflib
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn

from ..cell import CellMeta, cells_of
from ..diagnostics import Code, Diagnostic, printable, shown_path
from ._attempt import attempt, refused
from ._declarations_run import Unusable
from ._file_sites import of_byte
from ._modules import module_of
from ._sources import LONGEST, declared_twice, source_of
from ._specs import Target, cannot_read


@dataclass(frozen=True)
class Unit:
    """A file's cells with what there is to say about the file. `path` is None for what is no file."""

    path: Path | None
    cells: tuple[CellMeta, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def unit_of(target: Target, timeout: float, late: Callable[[FrameType | None], NoReturn] | None = None) -> Unit:
    """Run a file in this process, and take the cells that are wanted of it. For `late` see `attempt`."""
    path, own = target.path, list[CellMeta]()
    named: list[object] = []
    declared: list[Diagnostic] = []

    def run() -> None:
        # To look at what is in a module may run its code too.
        module = module_of(path, declared)
        own.extend(cells_of(module))
        named.extend(_cell(module, name) for name in target.names)

    source = _fit_source(path)
    if isinstance(source, Diagnostic):
        return Unit(path, findings=(source,))
    failed = attempt(str(path), run, timeout, late)
    if failed:
        return Unit(path, findings=(*declared, *failed))
    if target.names:
        missing = [name for name, cell in zip(target.names, named, strict=True) if cell is None]
        found = tuple(cell for cell in named if isinstance(cell, CellMeta))
        others = () if len(found) == len(named) else declared  # a cell that is right is none of their business
        return Unit(path, found, (*others, *(_no_such_cell(target, name, own) for name in missing)))
    if not own and not declared and target.asked:
        return Unit(path, findings=(no_cell(path, "`{}` declares no cell"),))
    return Unit(path, tuple(own), (*declared, *_replaced(path, source, {cell.__name__ for cell in own})))


def _cell(module: ModuleType, name: str) -> CellMeta | Unusable | None:
    found = getattr(module, name, None)
    return found if isinstance(found, Unusable) or (isinstance(found, CellMeta) and found.is_spec) else None


def _replaced(path: Path, source: bytes, cells: set[str]) -> Iterator[Diagnostic]:
    """Findings about cells that another one of the same name takes the place of."""
    if not cells:
        return
    for name, site, first in declared_twice(path, source.decode(errors="replace")):
        if name in cells:
            message = f"cell `{name}` is declared twice; only the second one is left"
            notes, help_ = (f"the first one stands in line {first}",), "give one of them another name"
            yield Diagnostic(Code.LS206, message, site, name, notes=notes, help=help_)


def _fit_source(path: Path) -> bytes | Diagnostic:
    """What stands in a file, or why it is not even parsed."""
    shown = shown_path(str(path))
    try:
        source = source_of(path)
    except OSError as error:
        return cannot_read(path, error)
    if len(source) > LONGEST:
        return refused(str(path), f"`{shown}` has {len(source):,} bytes; a specification has at most {LONGEST:,}")
    if b"\0" in source:
        return refused(str(path), f"`{shown}` is no Python source: it has null bytes")
    if (wrong := _undecodable(source)) is not None:
        message = f"`{shown}` is no text in {wrong.encoding}: {wrong.reason}, byte {source[wrong.start]:#04x}"
        return Diagnostic(Code.LS213, message, of_byte(path, source, wrong.start))
    return source


def _undecodable(source: bytes) -> UnicodeDecodeError | None:
    """Where a source is not in the encoding that it declares; Python itself says so without a place, or not at all."""
    try:
        source.decode(tokenize.detect_encoding(io.BytesIO(source).readline)[0])
    except UnicodeDecodeError as error:
        return error
    except (SyntaxError, LookupError):  # either the first lines are undecodable, or they declare what does not exist
        try:
            source.decode()
        except UnicodeDecodeError as error:
            return error
    return None


def no_cell(path: Path, message: str) -> Diagnostic:
    """The finding about a file or folder that was named for its cells and has none."""
    return refused(str(path), message.format(shown_path(str(path))), "derive a class from lstmspec.Cell")


def _no_such_cell(target: Target, name: str, own: list[CellMeta]) -> Diagnostic:
    names = [cell.__name__ for cell in own]
    close = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    message = f"`{shown_path(str(target.path))}` has no cell `{printable(name)}`"
    return refused(str(target.path), message, f"{guess}its cells: {', '.join(names) or 'none'}")
