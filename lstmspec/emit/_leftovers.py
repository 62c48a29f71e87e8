"""Generated files that no cell has any more: found, and removed where nothing but the generated text is lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ._backends import BACKENDS
from ._generate import RUNTIME
from ._header import Header, header_of
from ._sources import Sources
from ._survey import content_of
from ._temporary import is_temporary

_CACHE = "__pycache__"
_OF_CELLS = ("__init__", *(backend.name for backend in BACKENDS))
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
        own = [place for place in places if not (folder / place).is_symlink()]  # what it leads to is not looked into
        loose = [path for place in own for path in _generated(folder, place) if path not in wanted]
        needed = _linked(folder, loose)
        found += [
            Leftover(path, (path,), {}, "lstmspec does not generate it any more")
            for path in loose
            if path not in needed
        ]
    return tuple(found)


def unknown_models(folder: Path, known: Iterable[str]) -> tuple[str, ...]:
    """The folders of models whose cells may be declared anywhere. Nobody knows whether they are left over."""
    wanted = set(known)  # membership only
    others = [place for place in _entries(folder) if place.name not in wanted and not place.is_symlink()]
    headers = {place.name: _header(place / "__init__.py") for place in others}
    return tuple(name for name, header in headers.items() if header is not None and header.spec)


def _of_deleted_cell(folder: Path, name: str, source: str) -> Leftover | None:
    own = _generated(folder, name)
    stems = [PurePosixPath(path).stem for path in own]
    kept = _linked(folder, own)
    for place in _entries(folder / name):
        path = f"{name}/{place.name}"
        if place.name == _CACHE and place.is_dir() and not place.is_symlink():
            rest = [one.name for one in _entries(place) if one.name.partition(".")[0] not in stems]
            kept |= {f"{path}/{one}": _NOT_OURS for one in rest}
        elif path not in own and not is_temporary(place.name):
            header = _header(place)
            kept[path] = _NOT_OURS if header is None or header.intact else _EDITED
    is_empty = not own and not kept and (folder / name).is_dir()  # a run was killed that removed the rest
    if not is_empty and not any(header.spec for header in own.values()):
        return None  # no cell's folder, but perhaps another package of models
    # The file by which a folder is known to be a cell's goes last: a run that is killed before can be done again.
    files = sorted((path for path in own if path not in kept), key=lambda path: path.endswith("/__init__.py"))
    return Leftover(name, tuple(files), kept, f"{source} declares its cell no more")


def _linked(folder: Path, files: Collection[str]) -> dict[str, str]:
    """The files that a symlink anywhere below a folder leads to, or their folders, with the reason to keep them."""
    links = {}
    for at, folders, others in os.walk(folder) if files else ():
        for place in (os.path.join(at, name) for name in (*folders, *others)):
            if os.path.islink(place):
                links[os.path.realpath(place)] = Path(place).relative_to(folder).as_posix()
    places = {path: os.path.realpath(folder / path) for path in files}
    by = {path: links.get(real) or links.get(os.path.dirname(real)) for path, real in places.items()}
    return {path: f"{link} leads to it" for path, link in by.items() if link is not None}


def remove(leftover: Leftover, folder: Path) -> None:
    """Remove its files, what the interpreter cached of them, and the folders that are empty then."""
    for place in (folder / path for path in leftover.files):
        header = _header(place)
        if header is not None and header.intact:  # it may have been edited just now
            for cached in (place.parent / _CACHE).glob(f"{place.stem}.*.pyc"):  # first: they are known by the file
                cached.unlink()
            place.unlink()
    home = (folder / leftover.path).parent if leftover.path in leftover.files else folder / leftover.path
    for temporary in [one for one in _entries(home) if is_temporary(one.name) and home != folder]:
        temporary.unlink()
    for empty in (home / _CACHE, home):
        with contextlib.suppress(OSError):  # it is not empty, or not there
            empty.rmdir()


def _generated(folder: Path, name: str) -> dict[str, Header]:
    """The files in a folder that carry a header and are as they were generated.

    A cell's are called as its backends are: a copy of one under a name of the user's is the user's.
    """
    own = [place for place in _entries(folder / name) if not is_temporary(place.name)]  # another run may write just now
    if name not in (".", RUNTIME):
        own = [place for place in own if place.stem in _OF_CELLS]
    headers = {(PurePosixPath(name) / place.name).as_posix(): _header(place) for place in own}
    return {path: header for path, header in headers.items() if header is not None and header.intact}


def _header(place: Path) -> Header | None:
    """The header of a regular file that is no symlink."""
    try:
        content = None if place.is_symlink() else content_of(place)
        return None if content is None else header_of(content)
    except OSError:
        return None


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
