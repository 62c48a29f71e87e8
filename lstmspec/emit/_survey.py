"""What stands where generated files belong: nothing is written here, and nothing but plain files is opened.

A file is replaced without a question only where nothing can be lost: it is empty, or it carries the header of generated
files and is still what was generated.
"""

from __future__ import annotations

import enum
import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ._backends import BACKENDS
from ._generate import ALWAYS
from ._header import BEGINNING, header_of, unmarked

# Bytes up to which a file is read, and one that says that it is generated.
LARGEST, LARGEST_OWN = 16_000_000, 1_000_000_000
PROJECTS = (".git", "pyproject.toml", "setup.py", "setup.cfg")  # in the root of a project


class Standing(enum.Enum):
    """How a file is to the one that belongs in its place."""

    CURRENT = "as the equations say"
    MISSING = "missing"
    STALE = "stale"
    EDITED = "edited since it was generated"
    FOREIGN = "not generated"
    RIVAL = "from another source"
    LINK = "a symlink"
    SPECIAL = "no regular file"
    UNREADABLE = "unreadable"
    SHADOW = "would hide a module"
    PROJECT = "would make the root of a project a package"
    FOLDER = "a folder where a file belongs"
    BLOCKED = "no folder where one belongs"

    @property
    def asks(self) -> bool:
        """Whether something of the user's would be lost, or hidden."""
        return self not in (Standing.CURRENT, Standing.MISSING, Standing.STALE)

    @property
    def blocks(self) -> bool:
        """Whether it has to be moved away by hand: no folder is ever replaced by a file, and no file by a folder."""
        return self in (Standing.FOLDER, Standing.BLOCKED)


@dataclass(frozen=True)
class Found:
    """What stands in the place of a generated file.

    Attributes:
        path: Relative to the folder.
        standing: How it is to the one that belongs there.
        text: Its text, where it has any; without marks that version control puts in.
        mode: Its permissions, where it is a regular file.
        detail: What else there is to say.

    """

    path: str
    standing: Standing
    text: str | None = None
    mode: int | None = None
    detail: str = ""

    @property
    def reason(self) -> str:
        """Why it is not simply replaced."""
        return f"{self.standing.value}: {self.detail}" if self.detail else self.standing.value


def survey(files: Mapping[str, str], folder: Path) -> tuple[Found, ...]:
    """What stands in the place of each of these files."""
    return tuple(_look(folder, path, text) for path, text in files.items())


def require_usable(folder: Path) -> None:
    """Raise OSError for a place that cannot be the folder of a package, or must not."""
    real = os.path.realpath(folder)
    if real == os.path.dirname(real):
        raise OSError(0, "it is the root of the file system", str(folder))
    place = folder
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not place.exists():
        raise OSError(0, f"it is a symlink to {os.readlink(place)}, which does not exist", str(place))
    if not place.is_dir():
        raise NotADirectoryError(0, "it is a file, and a folder belongs there", str(place))
    _about(folder)


def _look(folder: Path, path: str, text: str) -> Found:
    """Look at one place. An OSError about it is what was found."""
    place = folder / path
    try:
        blocked = _blocked(folder, path)
        if blocked:
            return Found(path, Standing.BLOCKED, detail=blocked)
        own, there = _about(place, follow=False), _about(place)
        if own is None:
            return _new(folder, path)
        is_link = stat.S_ISLNK(own.st_mode)
        if there is not None and stat.S_ISREG(there.st_mode):
            found = Found(path, Standing.CURRENT, mode=stat.S_IMODE(there.st_mode))
            return _compared(found, place, text, is_link)
        if is_link:
            return Found(path, Standing.LINK, detail=f"it leads to {os.readlink(place)}")
        return Found(path, Standing.FOLDER if stat.S_ISDIR(own.st_mode) else Standing.SPECIAL)
    except OSError as error:
        return Found(path, Standing.UNREADABLE, detail=error.strerror or str(error))


def _about(place: Path, *, follow: bool = True) -> os.stat_result | None:
    """What the system says of a place; None where there is nothing. Raises OSError where it does not say."""
    try:
        return place.stat(follow_symlinks=follow)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None  # a symlink to itself leads nowhere
        raise


def _blocked(folder: Path, path: str) -> str:
    """What stands where a folder above the file belongs and is none."""
    for parent in reversed(Path(path).parents[:-1]):
        own, there = _about(folder / parent, follow=False), _about(folder / parent)
        if own is not None and (there is None or not stat.S_ISDIR(there.st_mode)):
            return f"{parent.as_posix()} is a {'symlink to nothing' if there is None else 'file'}"
    return ""


def _compared(found: Found, place: Path, text: str, is_link: bool) -> Found:
    """A regular file against the text that belongs there."""
    content = content_of(place)
    if content is None:
        return Found(found.path, Standing.FOREIGN, None, found.mode, "far too large")
    old = unmarked(content)
    if old == text and not content.startswith("\ufeff"):
        return Found(found.path, Standing.CURRENT, text, found.mode)
    if is_link:
        return Found(found.path, Standing.LINK, old, found.mode, f"it leads to {os.readlink(place)}")
    shown = content if old == text else old
    if not content.strip("\ufeff \t\r\n"):
        return Found(found.path, Standing.STALE, shown, found.mode)
    header = header_of(content)
    if header is None:
        return Found(found.path, Standing.FOREIGN, shown, found.mode, "it has no header of lstmspec")
    if not header.intact:
        return Found(found.path, Standing.EDITED, shown, found.mode, "its digest does not fit")
    return Found(found.path, Standing.STALE, shown, found.mode)


def content_of(place: Path) -> str | None:
    """The text of a regular file; None for anything else, and where it is too large to be a generated one."""
    about = place.stat()
    if not stat.S_ISREG(about.st_mode):
        return None
    with place.open("rb") as stream:
        start = stream.read(len(BEGINNING) + 8)  # behind a byte order mark and a comment sign
        if about.st_size > (LARGEST_OWN if BEGINNING.encode() in start else LARGEST):
            return None
        return (start + stream.read()).decode("utf-8", errors="surrogateescape")


def _new(folder: Path, path: str) -> Found:
    """A file that is not there yet, and what it may do to its neighbours."""
    hidden = next(_hidden(folder, path), None)
    if hidden is not None:
        return Found(path, Standing.SHADOW, detail=hidden)
    if path == "__init__.py":
        project = next((name for name in PROJECTS if (folder / name).exists()), None)
        if project is not None:
            return Found(path, Standing.PROJECT, detail=f"it has a {project}")
    return Found(path, Standing.MISSING)


def _is_imported(folder: Path) -> bool:
    """Whether generated code imports something else by the name of a folder that is in no package."""
    names = {*ALWAYS, *sys.stdlib_module_names, *(name for backend in BACKENDS for name in backend.imports)}
    place = folder.resolve()
    return place.name in names and not (place.parent / "__init__.py").exists()


def _hidden(folder: Path, path: str) -> Iterator[str]:
    """Python takes a package before a module of the same name in the same folder."""
    place = folder / path
    if place.name == "__init__.py":
        if path == "__init__.py" and _is_imported(folder):
            yield f"`import {folder.resolve().name}` would not give what generated code imports by that name"
        if "/" in path and (module := place.parent.with_suffix(".py")).is_file():
            yield f"`import {place.parent.name}` would not give {module.name} any more"
    elif (place.with_suffix("") / "__init__.py").is_file():
        yield f"the package {place.stem} beside it would be taken for it"
