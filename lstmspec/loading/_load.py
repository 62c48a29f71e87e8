"""The cells that SPECs name, and what cannot be loaded, file by file: one broken file hides no other."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import zoo
from ..cell import CellMeta
from ..diagnostics import Diagnostic, SpecError, distinct
from ._children import findings_of_files
from ._file_cells import Unit, no_cell, unit_of
from ._file_findings import FileFindings, findings_of_cells
from ._modules import folder_on_path
from ._sources import Sources, import_root
from ._specs import Folder, Target, located, merged, refused_spec, unknown

TIMEOUT = 10.0


Progress = Callable[[Iterable[FileFindings], int], Iterable[FileFindings]]


def load(specs: Iterable[str], timeout: float = TIMEOUT) -> list[CellMeta]:
    """The cells that these SPECs name; all built-in ones when there are none.

    Raises:
        SpecError: LS213 for each SPEC that cannot be loaded, and the findings of classes that cannot be declared.

    """
    units = list(load_units(specs, timeout))
    if findings := [finding for unit in units for finding in unit.findings]:
        raise SpecError(findings)
    return list(dict.fromkeys(cell for unit in units for cell in unit.cells))


def load_units(specs: Iterable[str], timeout: float = TIMEOUT) -> Iterator[Unit]:
    """What these SPECs name: built-in cells, then each file once, in the order named; all built-in cells without any.

    A file is tried in a child, and runs in this process when it came through there.

    Args:
        specs: As on the command line.
        timeout: Seconds that a file may take to run.

    Yields:
        A unit for each file and each SPEC that is none. No two units have the same finding.

    """
    plan, before = _planned(list(specs)), list[Diagnostic]()
    tried = list(findings_of_files(plan.targets, timeout, check=False))
    loaded = _loaded(plan.targets, tried, timeout)
    units = itertools.chain(plan.units, loaded, _of_empty_folders(plan, tried))
    for unit in units:
        fresh = distinct(unit.findings, before)
        before += fresh
        yield Unit(unit.path, unit.cells, tuple(fresh))


def findings_of_specs(
    specs: Iterable[str],
    timeout: float = TIMEOUT,
    *,
    only_cells: bool = False,
    progress: Progress = lambda files, count: files,
) -> Iterator[FileFindings]:
    """What there is to say about the files and cells that SPECs name, in their order. Files run in children alone.

    Args:
        specs: As on the command line; all built-in cells when there are none.
        timeout: Seconds that a file may take to run.
        only_cells: Files named themselves are treated as those of a folder: without a cell they are not run.
        progress: What the files are iterated through, and how many they are, for a progress bar.

    """
    plan, tried = _planned(list(specs), only_cells), list[FileFindings]()
    for unit in plan.units:
        yield _checked(unit)
    for file in progress(findings_of_files(plan.targets, timeout, check=True), len(plan.targets)):
        tried.append(file)
        yield file
    yield from map(_checked, _of_empty_folders(plan, tried))


def _checked(unit: Unit) -> FileFindings:
    return FileFindings(unit.path, tuple(findings_of_cells(unit)), unit.findings)


@dataclass(frozen=True)
class _Plan:
    """What SPECs name: what is known without running a file, and the files and folders that are left."""

    units: Sequence[Unit]
    targets: Sequence[Target] = ()
    folders: Sequence[Folder] = ()


def _planned(specs: list[str], only_cells: bool = False) -> _Plan:
    if not specs:
        return _Plan(list(_builtin(zoo.cells().values())))
    builtin, units, folders, targets = zoo.cells(), list[Unit](), list[Folder](), list[Target]()
    sources = Sources()
    for spec in specs:
        found = located(spec)
        cell = _named(spec, builtin)
        if cell is not None and not (isinstance(found, Target | Folder) and _has_cells(found, sources)):
            units += _builtin([cell])
        elif cell is not None:
            units.append(Unit(None, findings=(_ambiguous(spec, cell),)))
        elif isinstance(found, Diagnostic):
            # Where nothing of that name exists, a built-in cell may be meant.
            plain = spec.isidentifier()
            units.append(Unit(None, findings=(unknown(spec, builtin) if plain else found,)))
        elif isinstance(found, Folder):
            folders.append(found)
            targets += found.targets
        elif not only_cells or sources.can_declare_cells(found.path):
            targets.append(found)
    unread = [finding for folder in folders for finding in folder.findings]
    units += [Unit(Path(found.site.place.file) if found.site else None, findings=(found,)) for found in unread]
    return _Plan(units, list(merged(targets)), [] if only_cells else folders)


def _of_empty_folders(plan: _Plan, files: Iterable[FileFindings]) -> Iterator[Unit]:
    """A finding for each folder that was named and has no cell."""
    # Real paths, since a folder may be named by two.
    empty = {os.path.realpath(file.path) for file in files if file.path and not (file.cells or file.findings)}
    for folder in plan.folders:
        if not folder.findings and all(os.path.realpath(target.path) in empty for target in folder.targets):
            yield Unit(folder.path, findings=(no_cell(folder.path, "no file below `{}` declares a cell"),))


def _loaded(targets: Sequence[Target], tried: Sequence[FileFindings], timeout: float) -> Iterator[Unit]:
    """The files in this process, but for those that did not come through in a child with a cell."""
    together = zip(targets, tried, strict=True)
    for root, group in itertools.groupby(together, key=lambda pair: import_root(pair[0].path)):
        with folder_on_path(root):
            for target, found in group:
                hopeless = found.findings and not found.cells
                yield Unit(found.path, (), found.findings) if hopeless else unit_of(target, timeout)


def unit_at(target: Target, timeout: float) -> Unit:
    """One file's cells, on its own."""
    return next(_loaded([target], list(findings_of_files([target], timeout, check=False)), timeout))


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
