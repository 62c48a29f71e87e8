"""The cells that SPECs name, and what cannot be loaded, file by file: one broken file hides no other."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .. import zoo
from ..cell import CellMeta
from ..diagnostics import Diagnostic, SpecError
from ._file_cells import Unit, no_cell, unit_of
from ._modules import folder_on_path
from ._sources import Sources, import_root
from ._specs import Folder, Target, located, merged, refused_spec, unknown

TIMEOUT = 10.0


def load(specs: Iterable[str], timeout: float = TIMEOUT) -> list[CellMeta]:
    """The cells that these SPECs name; all built-in ones when there are none.

    Raises:
        SpecError: LS213 for each SPEC that cannot be loaded, and what declaring its cells raises.

    """
    units = list(load_units(specs, timeout))
    if findings := [finding for unit in units for finding in unit.findings]:
        raise SpecError(findings)
    return list(dict.fromkeys(cell for unit in units for cell in unit.cells))


def load_units(
    specs: Iterable[str],
    timeout: float = TIMEOUT,
    *,
    only_cells: bool = False,
    progress: Callable[[list[Target]], Iterable[Target]] = iter,
) -> Iterator[Unit]:
    """What these SPECs name, each file once, in the order named; all built-in cells when there are none.

    Args:
        specs: As on the command line.
        timeout: Seconds that a file may take to run.
        only_cells: Files named themselves are treated as those of a folder: without a cell they are not run.
        progress: What the files are iterated through, for a progress bar.

    Yields:
        A unit for each file and each SPEC that is none. No two units have the same finding.

    """
    wanted = list(specs)
    seen: set[tuple[object, ...]] = set()  # membership only
    for unit in _units(wanted, timeout, only_cells, progress) if wanted else _builtin(zoo.cells().values()):
        keyed = {_key(finding): finding for finding in unit.findings}
        fresh = tuple(finding for key, finding in keyed.items() if key not in seen)
        seen.update(keyed)
        yield Unit(unit.path, unit.cells, fresh)


def _key(finding: Diagnostic) -> tuple[object, ...]:
    """A file that two others import fails in the same words for each."""
    place = finding.site.place if finding.site is not None else None
    return (
        finding.code,
        finding.message,
        finding.cell,
        finding.equation,
        place and (place.file, place.line, place.column),
    )


def _units(
    specs: list[str], timeout: float, only_cells: bool, progress: Callable[[list[Target]], Iterable[Target]]
) -> Iterator[Unit]:
    builtin, folders, targets = zoo.cells(), list[Folder](), list[Target]()
    sources = Sources()
    for spec in specs:
        found = located(spec)
        cell = _named(spec, builtin)
        if cell is not None and not (isinstance(found, Target | Folder) and _has_cells(found, sources)):
            yield from _builtin([cell])
        elif cell is not None:
            yield Unit(None, findings=(_ambiguous(spec, cell),))
        elif isinstance(found, Diagnostic):
            # Where nothing of that name exists, a built-in cell may be meant.
            plain = spec.isidentifier()
            yield Unit(None, findings=(unknown(spec, builtin) if plain else found,))
        elif isinstance(found, Folder):
            folders.append(found)
            targets += found.targets
        elif not only_cells or sources.can_declare_cells(found.path):
            targets.append(found)
    fruitful: set[str] = set()  # membership only; real paths, since a folder may be named by two
    unread = [finding for folder in folders for finding in folder.findings]
    yield from (Unit(Path(found.site.place.file) if found.site else None, findings=(found,)) for found in unread)
    for unit in _loaded(list(merged(targets)), timeout, progress):
        if unit.path is not None and (unit.cells or unit.findings):
            fruitful.add(os.path.realpath(unit.path))
        yield unit
    for folder in folders:
        found_some = folder.findings or any(os.path.realpath(target.path) in fruitful for target in folder.targets)
        if not found_some and not only_cells:
            yield Unit(folder.path, findings=(no_cell(folder.path, "no file below `{}` declares a cell"),))


def _loaded(
    targets: list[Target], timeout: float, progress: Callable[[list[Target]], Iterable[Target]]
) -> Iterator[Unit]:
    for root, group in itertools.groupby(progress(targets), key=lambda target: import_root(target.path)):
        with folder_on_path(root):
            yield from (unit_of(target, timeout) for target in group)


def unit_at(target: Target, timeout: float) -> Unit:
    """One file's cells, on its own."""
    with folder_on_path(import_root(target.path)):
        return unit_of(target, timeout)


def _builtin(cells: Iterable[CellMeta]) -> Iterator[Unit]:
    for name, group in itertools.groupby(cells, key=lambda cell: cell.__module__):
        yield Unit(Path(str(importlib.import_module(name).__file__)), tuple(group))


def _named(spec: str, builtin: dict[str, CellMeta]) -> CellMeta | None:
    return {name.lower(): cell for name, cell in builtin.items()}.get(spec.lower())


def _has_cells(found: Target | Folder, sources: Sources) -> bool:
    return bool(found.targets) if isinstance(found, Folder) else sources.can_declare_cells(found.path)


def _ambiguous(spec: str, cell: CellMeta) -> Diagnostic:
    help_ = f"say .{os.sep}{spec} for the folder or file, {cell.__module__}:{cell.__name__} for the built-in cell"
    return refused_spec(f"`{spec}` is a built-in cell, and cells are found there too", help_)
