"""Generated files that no cell has any more: found, and removed where nothing but the generated text is lost."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ._header import BEGINNING, Header, header_of
from ._sources import Sources
from ._survey import LARGEST
from ._temporary import is_temporary

_CACHE = "__pycache__"
_NOT_OURS, _EDITED = "not written by lstmspec", "edited since it was generated"


@dataclass(frozen=True)
class Leftover:
    """Something that an earlier run wrote and this one would not.

    Attributes:
        path: Of the folder of a deleted cell, or of a file beside those of a cell that there is.
        files: What can be removed: generated, and not edited since.
        kept: What else stands in that folder, with the reason to keep it.
        why: How it is known that nothing needs it.

    """

    path: str
    files: tuple[str, ...]
    kept: Mapping[str, str]
    why: str


def leftovers(files: Iterable[str], folder: Path, known: Mapping[str, str], sources: Sources) -> tuple[Leftover, ...]:
    """The leftovers in a folder that a run may speak of.

    Args:
        files: The paths of what the run generates.
        folder: Where they belong.
        known: The folder of each cell → where the cell was declared, as it was written down.
        sources: Where the cells of the run come from.

    """
    wanted = dict.fromkeys(files)
    places = dict.fromkeys(PurePosixPath(path).parent.as_posix() for path in wanted)
    found = []
    for place in _entries(folder):
        source = known.get(place.name, "")
        is_cell = place.name in known or _header(place / "__init__.py") is not None  # nothing else is looked into
        if is_cell and place.name not in places and sources.claims(source) and not place.is_symlink():
            left = _of_deleted_cell(folder, place.name, source)
            found += [left] if left is not None else []
    if sources.complete:
        loose = [path for place in places for path in _generated(folder, place) if path not in wanted]
        found += [Leftover(path, (path,), {}, "lstmspec does not generate it any more") for path in loose]
    return tuple(found)


def _of_deleted_cell(folder: Path, name: str, source: str) -> Leftover | None:
    own = _generated(folder, name)
    if not any(header.spec for header in own.values()):
        return None  # no cell's folder, but perhaps another package of models
    stems = [PurePosixPath(path).stem for path in own]
    kept: dict[str, str] = {}
    for place in _entries(folder / name):
        path = f"{name}/{place.name}"
        if place.name == _CACHE and place.is_dir() and not place.is_symlink():
            rest = [one.name for one in _entries(place) if one.name.partition(".")[0] not in stems]
            kept |= {f"{path}/{one}": _NOT_OURS for one in rest}
        elif path not in own and not is_temporary(place.name):
            kept[path] = _NOT_OURS if _header(place) is None else _EDITED
    why = f"{source} declares its cell no more" if source else "no run wrote down where its cell is declared"
    return Leftover(name, tuple(own), kept, why)


def remove(leftover: Leftover, folder: Path) -> None:
    """Remove its files, what the interpreter cached of them, and the folders that are empty then."""
    for place in (folder / path for path in leftover.files):
        header = _header(place)
        if header is not None and header.intact:  # it may have been edited just now
            place.unlink()
            for cached in (place.parent / _CACHE).glob(f"{place.stem}.*.pyc"):
                cached.unlink()
    for place in dict.fromkeys((folder / path).parent for path in leftover.files):
        for temporary in [one for one in _entries(place) if is_temporary(one.name)]:
            temporary.unlink()
        for empty in (place / _CACHE, place):
            with contextlib.suppress(OSError):  # it is not empty, or not there
                empty.rmdir()


def _generated(folder: Path, name: str) -> dict[str, Header]:
    """The files in a folder that carry a header and are as they were generated."""
    own = [place for place in _entries(folder / name) if not is_temporary(place.name)]  # another run may write just now
    headers = {(PurePosixPath(name) / place.name).as_posix(): _header(place) for place in own}
    return {path: header for path, header in headers.items() if header is not None and header.intact}


def _header(place: Path) -> Header | None:
    """The header of a plain file. Of others, which may be large and many, the beginning alone is read."""
    try:
        about = place.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            return None
        with place.open("rb") as stream:
            start = stream.read(len(BEGINNING) + 8)
            if BEGINNING.encode() not in start:
                return None
            return header_of((start + stream.read()).decode("utf-8", errors="replace"))
    except OSError:
        return None


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
