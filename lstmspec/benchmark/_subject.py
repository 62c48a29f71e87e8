"""The generated models that are timed: made now, or those of a folder that the user names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..cell import CellMeta
from ..emit import BACKENDS, Runner, imported, package_of
from ..procedure import folder
from ._counterpart import TheirCode


class NoModels(Exception):
    """A folder has no models of a cell that can be imported; says why."""


@dataclass(frozen=True)
class Subject:
    """A cell that is timed: a library's code for it, and its generated models under their names in tables."""

    theirs: TheirCode
    models: Mapping[str, Runner]

    @property
    def cell(self) -> CellMeta:
        """The cell."""
        return self.theirs.cell


@contextlib.contextmanager
def subjects(codes: Sequence[TheirCode], place: Path | None = None) -> Iterator[tuple[Subject, ...]]:
    """Cells with their models: those in a folder that `lstmspec generate` wrote, or else generated now.

    Raises:
        NoModels: the folder has none of a cell.
        SpecError: a cell cannot be generated.

    """
    if place is None:
        with imported([code.layout.system for code in codes]) as package:
            yield tuple(Subject(code, _models(package, code.cell)) for code in codes)
        return
    with package_of(_files(place)) as package:
        yield tuple(Subject(code, _given(package, code.cell, place)) for code in codes)


def _models(package: str, cell: CellMeta) -> dict[str, Runner]:
    return {f"generated {backend.title}": backend.runner(package, folder(cell.__name__)) for backend in BACKENDS}


def _given(package: str, cell: CellMeta, place: Path) -> dict[str, Runner]:
    try:
        return _models(package, cell)
    except Exception as error:  # the files are the user's, and may be anything
        help_ = f"lstmspec generate {cell.__name__} --out {place}"
        reason = f"{type(error).__name__}: {error}".replace(f"{package}.", "")
        raise NoModels(f"{place} has no models of {cell.__name__} that can be imported: {reason}; {help_}") from error


def _files(place: Path) -> dict[str, str]:
    try:
        found = sorted(path for path in place.rglob("*.py") if path.is_file())
        return {path.relative_to(place).as_posix(): path.read_text(encoding="utf-8") for path in found}
    except (OSError, UnicodeDecodeError) as error:
        raise NoModels(f"{place} cannot be read: {error}") from error
