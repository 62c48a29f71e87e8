"""Generated files that no cell has any more: found, and removed where nothing but the generated text is lost."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ._header import Header, header_of
from ._sources import Sources
from ._survey import content_of
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
        source = known.get(place.name)
        if source is not None and place.name not in places and sources.claims(source) and not place.is_symlink():
            left = _of_deleted_cell(folder, place.name, source)
            found += [left] if left is not None else []
    if sources.complete:
        loose = [path for place in places for path in _generated(folder, place) if path not in wanted]
        found += [Leftover(path, (path,), {}, "lstmspec does not generate it any more") for path in loose]
    return tuple(found)


def unknown_models(folder: Path, known: Iterable[str]) -> tuple[str, ...]:
    """The folders of models whose cells may be declared anywhere. Nobody knows whether they are left over."""
    wanted = set(known)  # membership only
    others = [place for place in _entries(folder) if place.name not in wanted and not place.is_symlink()]
    headers = {place.name: _header(place / "__init__.py") for place in others}
    return tuple(name for name, header in headers.items() if header is not None and header.spec)


def _of_deleted_cell(folder: Path, name: str, source: str) -> Leftover | None:
    own = _generated(folder, name)
    if not any(header.spec for header in own.values()):
        return None  # no cell's folder, but perhaps another package of models
    stems = [PurePosixPath(path).stem for path in own]
    kept = _linked(folder, name, own)
    for place in _entries(folder / name):
        path = f"{name}/{place.name}"
        if place.name == _CACHE and place.is_dir() and not place.is_symlink():
            rest = [one.name for one in _entries(place) if one.name.partition(".")[0] not in stems]
            kept |= {f"{path}/{one}": _NOT_OURS for one in rest}
        elif path not in own and not is_temporary(place.name):
            kept[path] = _NOT_OURS if _header(place) is None else _EDITED
    # The file by which a folder is known to be a cell's goes last: a run that is killed before can be done again.
    files = sorted((path for path in own if path not in kept), key=lambda path: path.endswith("/__init__.py"))
    return Leftover(name, tuple(files), kept, f"{source} declares its cell no more")


def _linked(folder: Path, name: str, files: Iterable[str]) -> dict[str, str]:
    """The files of a cell that a symlink elsewhere in the folder leads to, with the reason to keep them."""
    others = [place for place in _entries(folder) if place.name != name]
    places = [one for place in others for one in (place, *(_entries(place) if place.is_dir() else ()))]
    links = {place.relative_to(folder).as_posix(): os.path.realpath(place) for place in places if place.is_symlink()}
    kept = {}
    for path in files:
        real = os.path.realpath(folder / path)
        for link, target in links.items():
            if real == target or real.startswith(os.path.join(target, "")):
                kept[path] = f"{link} leads to it"
    return kept


def remove(leftover: Leftover, folder: Path) -> None:
    """Remove its files, what the interpreter cached of them, and the folders that are empty then."""
    for place in (folder / path for path in leftover.files):
        header = _header(place)
        if header is not None and header.intact:  # it may have been edited just now
            place.unlink()
            for cached in (place.parent / _CACHE).glob(f"{place.stem}.*.pyc"):
                cached.unlink()
    for place in dict.fromkeys((folder / path).parent for path in leftover.files):
        for temporary in [one for one in _entries(place) if is_temporary(one.name) and place != folder]:
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
    """The header of a regular file that is no symlink."""
    try:
        about = place.lstat()
        content = content_of(place, about.st_size) if stat.S_ISREG(about.st_mode) else None
        return None if content is None else header_of(content)
    except OSError:
        return None


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
