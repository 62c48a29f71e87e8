"""One file's cells, and what is wrong with the file."""

from __future__ import annotations

import difflib
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ..cell import CellMeta, cells_of
from ..diagnostics import Code, Diagnostic, shown_path
from ._attempt import attempt, printable, refused
from ._file_sites import of_byte
from ._modules import module_of
from ._sources import LONGEST, declared_twice
from ._specs import Target, cannot_read


@dataclass(frozen=True)
class Unit:
    """A file's cells with what there is to say about the file. `path` is None for what is no file."""

    path: Path | None
    cells: tuple[CellMeta, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def unit_of(target: Target, timeout: float) -> Unit:
    """Run a file, and take the cells that are wanted of it."""
    own: list[CellMeta] = []
    named: list[CellMeta | None] = []

    def run() -> None:
        # To look at what is in a module may run its code too.
        module = module_of(target.path)
        own.extend(cells_of(module))
        named.extend(_cell(module, name) for name in target.names)

    refusal = _unfit(target.path)
    findings = (refusal,) if refusal else attempt(str(target.path), run, timeout)
    if findings:
        return Unit(target.path, findings=findings)
    if target.names:
        missing = [name for name, cell in zip(target.names, named, strict=True) if cell is None]
        found = tuple(cell for cell in named if cell is not None)
        return Unit(target.path, found, tuple(_no_such_cell(target, name, own) for name in missing))
    if not own and target.asked:
        return Unit(target.path, findings=(no_cell(target.path, "`{}` declares no cell"),))
    return Unit(target.path, tuple(own), tuple(_replaced(target.path, {cell.__name__ for cell in own})))


def _cell(module: ModuleType, name: str) -> CellMeta | None:
    found = getattr(module, name, None)
    return found if isinstance(found, CellMeta) and found.is_spec else None


def _replaced(path: Path, cells: set[str]) -> Iterator[Diagnostic]:
    """Findings about cells that another one of the same name takes the place of."""
    if not cells:
        return
    for name, site, first in declared_twice(path, path.read_text(encoding="utf-8", errors="replace")):
        if name in cells:
            message = f"cell `{name}` is declared twice; only the second one is left"
            notes, help_ = (f"the first one stands in line {first}",), "give one of them another name"
            yield Diagnostic(Code.LS206, message, site, name, notes=notes, help=help_)


def _unfit(path: Path) -> Diagnostic | None:
    """Why a file is not even parsed."""
    shown = printable(shown_path(str(path)))
    try:
        size = path.stat().st_size
        if size > LONGEST:
            return refused(str(path), f"`{shown}` has {size:,} bytes; a specification has at most {LONGEST:,}")
        source = path.read_bytes()
    except OSError as error:
        return cannot_read(path, error)
    if b"\0" in source:
        return refused(str(path), f"`{shown}` is no Python source: it has null bytes")
    if (wrong := _undecodable(source)) is not None:
        message = f"`{shown}` is no text in {wrong.encoding}: {wrong.reason}, byte {source[wrong.start]:#04x}"
        return Diagnostic(Code.LS213, message, of_byte(path, source, wrong.start))
    return None


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
    return refused(str(path), message.format(printable(shown_path(str(path)))), "derive a class from lstmspec.Cell")


def _no_such_cell(target: Target, name: str, own: list[CellMeta]) -> Diagnostic:
    names = [cell.__name__ for cell in own]
    close = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    message = f"`{printable(shown_path(str(target.path)))}` has no cell `{printable(name)}`"
    return refused(str(target.path), message, f"{guess}its cells: {', '.join(names) or 'none'}")
