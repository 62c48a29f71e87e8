"""What a SPEC on the command line names: built-in cells, a file, a class of a file or module, all below a folder."""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Code, Diagnostic, printable, shown_path
from ._attempt import refused
from ._modules import place_of_module
from ._sources import Sources, source_of

SPEC = (
    "A SPEC is a built-in cell's name (see `lstmspec list`), FILE.py, FILE.py:Class, a FOLDER, package.module or "
    "package.module:Class."
)
SKIPPED = ("__pycache__", "node_modules")


@dataclass(frozen=True)
class Target:
    """A file to load.

    Attributes:
        path: The file, absolute.
        names: The cells that are wanted of it; all when there are none.
        asked: The SPEC that names this very file, which must then have cells; "" for one that was found in a folder.

    """

    path: Path
    names: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True)
class Folder:
    """A folder that was named: the files below it that can declare cells, and what of it could not be read."""

    path: Path
    targets: tuple[Target, ...]
    findings: tuple[Diagnostic, ...]


def located(spec: str) -> Target | Folder | Diagnostic:
    """What a SPEC names, or why it names nothing. Nothing is run to find out."""
    place, name = (spec, "") if os.path.exists(spec) else _split(spec)
    if place and not name and place != spec:
        return refused_spec(f"`{printable(spec)}` names no class", SPEC)
    path = Path(os.path.abspath(place)) if _is_path(place) else place_of_module(place)
    if path is None:
        return unknown(spec)
    if os.path.isdir(path):
        if not name:
            return below(path)
        path /= "__init__.py"  # as Python has it: package:Class is an attribute of the package
    if not os.path.isfile(path) or path.suffix != ".py":
        return _no_file(spec, path)
    return Target(path, (name,) if name else (), spec)


def _split(spec: str) -> tuple[str, str]:
    place, colon, name = spec.rpartition(":")
    return (place, name) if colon else (spec, "")


def _is_path(place: str) -> bool:
    separated = os.sep in place or (os.altsep is not None and os.altsep in place)
    return os.path.exists(place) or place.endswith(".py") or separated


def unknown(spec: str, builtin: Iterable[str] = ()) -> Diagnostic:
    """The finding about a SPEC that is neither a file nor a module nor a built-in cell."""
    names = list(builtin)
    help_ = f"built in are {', '.join(names)}. {SPEC}" if names else SPEC
    by_key = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(spec.casefold(), by_key, n=1)
    guess = f"did you mean {by_key[close[0]]}? " if close else ""
    what = f"`{printable(spec)}` is no built-in cell, file, folder or module" if spec else "an empty SPEC names nothing"
    return refused_spec(what, f"{guess}{help_}")


def refused_spec(message: str, help_: str) -> Diagnostic:
    """A finding about the command line: it has no place."""
    return Diagnostic(Code.LS213, message, None, help=help_)


def _no_file(spec: str, path: Path) -> Diagnostic:
    shown = shown_path(str(path))
    if os.path.isfile(path):
        return refused_spec(f"`{shown}` is no Python file: its name does not end in .py", SPEC)
    try:
        others = sorted(file.name for file in path.parent.glob("*.py"))
    except OSError:
        others = []
    close = [printable(name) for name in difflib.get_close_matches(path.name, others, n=1) if name != path.name]
    guess = f"did you mean {close[0]}? " if close else ""
    return refused_spec(f"there is no file `{shown}`{_instead(path)}", f"{guess}{SPEC}")


def _instead(path: Path) -> str:
    """What there is in the place of a file, or why nobody knows."""
    try:
        source_of(path)
    except OSError as error:
        return f": {error.strerror}" if error.errno not in (errno.ENOENT, errno.ENOTDIR) else ""
    return ""


def below(folder: Path) -> Folder:
    """The files below a folder that can declare cells, sorted; hidden ones and virtual environments are left out."""
    sources = Sources()
    targets: list[Target] = []
    findings: list[Diagnostic] = []

    def unreadable(error: OSError) -> None:
        findings.append(cannot_read(Path(error.filename), error))

    for place, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if _is_searched(Path(place, name)))
        for path in (Path(place, name) for name in sorted(files) if name.endswith(".py") and name[0] != "."):
            if sources.can_declare_cells(path):
                targets.append(Target(path))
            elif (error := sources.unreadable.get(path)) is not None:
                findings.append(cannot_read(path, error))
    return Folder(folder, tuple(targets), tuple(findings))


def _is_searched(folder: Path) -> bool:
    return folder.name[0] != "." and folder.name not in SKIPPED and not os.path.exists(folder / "pyvenv.cfg")


def cannot_read(path: Path, error: OSError) -> Diagnostic:
    """The finding about a file or folder that the system does not let be read."""
    return refused(str(path), f"`{shown_path(str(path))}` cannot be read: {error.strerror or error}")


def merged(targets: Iterable[Target]) -> Iterator[Target]:
    """Each file once, where it is named first, with all the names that are wanted of it."""
    found: dict[Path, Target] = {}
    for target in targets:
        key = Path(os.path.realpath(target.path))
        before = found.setdefault(key, target)
        everything = not (before.names and target.names)
        names = () if everything else tuple(dict.fromkeys(before.names + target.names))
        found[key] = Target(before.path, names, before.asked or target.asked)
    yield from found.values()
