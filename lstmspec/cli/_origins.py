"""Which sources SPECs name, in words that are the same on every machine, and of which ones they name all cells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import zoo
from ..emit import Sources
from ..loading import Folder, Target, Unit, located

BUILT_IN = zoo.__name__.partition(".")[0]


@dataclass(frozen=True)
class _Origin:
    """A file or folder that a SPEC names. `module` is set where it is named as a module; `whole` where all of it is."""

    path: str
    module: str
    is_folder: bool
    whole: bool

    def source(self, path: str, out: str) -> str | None:
        """What a file of it is called: as a module, or by its path from the generated folder. None for another file."""
        if path != self.path and not (self.is_folder and path.startswith(os.path.join(self.path, ""))):
            return None
        if not self.module:
            return _from(path, out)
        below = os.path.splitext(os.path.relpath(path, self.path))[0].split(os.sep) if self.is_folder else []
        return ".".join([self.module, *below])

    def claims(self, source: str, out: str) -> bool:
        """Whether all cells of a source are among those of the SPEC, though the file may be gone."""
        if not self.whole:
            return False
        if self.module:
            return source == self.module or (self.is_folder and source.startswith(f"{self.module}."))
        return source.endswith(".py") and self.source(os.path.normpath(os.path.join(out, source)), out) is not None


def sources_of(specs: Sequence[str], units: Iterable[Unit], out: Path) -> Sources:
    """Where the cells of a run are declared.

    Args:
        specs: As on the command line.
        units: What was loaded for them.
        out: The generated folder.

    """
    real, units = os.path.realpath(out), list(units)
    named = [origin for spec in specs if (origin := _origin(spec)) is not None]
    paths = [os.path.realpath(unit.path) for unit in units if unit.path is not None]
    origins = [origin for origin in named if any(origin.source(path, real) is not None for path in paths)]

    def claims(source: str) -> bool:
        if source == BUILT_IN:
            return not specs
        return any(origin.claims(source, real) for origin in origins)

    def elsewhere(source: str) -> bool:
        if source == BUILT_IN:
            return bool(specs)
        place = os.path.realpath(os.path.join(real, source))
        return source.endswith(".py") and os.path.isfile(place) and place not in paths

    of = {cell.__name__: _source(unit.path, origins, real) for unit in units for cell in unit.cells}
    return Sources(of, claims, elsewhere=elsewhere)


def _origin(spec: str) -> _Origin | None:
    found = located(spec)
    if not isinstance(found, Target | Folder):
        return None
    names = found.names if isinstance(found, Target) else ()
    place = spec.removesuffix(f":{names[0]}") if names else spec
    is_path = os.path.exists(place) or place.endswith(".py") or os.sep in place
    return _Origin(os.path.realpath(found.path), "" if is_path else place, isinstance(found, Folder), not names)


def _source(path: Path | None, origins: Iterable[_Origin], out: str) -> str:
    real = os.path.realpath(path) if path is not None else ""
    if real.startswith(os.path.join(os.path.realpath(os.path.dirname(str(zoo.__file__))), "")):
        return BUILT_IN
    named = (source for origin in origins if (source := origin.source(real, out)) is not None)
    return next(named, None) or _from(real, out)


def _from(path: str, out: str) -> str:
    try:
        return Path(os.path.relpath(path, out)).as_posix()
    except ValueError:  # on another drive
        return os.path.basename(path)
