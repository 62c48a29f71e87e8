"""Generated files on disk: compared, or replaced whole.

Invariants: at every moment each file is either the old one or the new one. Texts are complete before the first byte is
written, each goes to a temporary file beside its place, and is renamed over it when all are there. What users wrote is
replaced only when they say so. One run writes at a time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ._compare import Comparison, compare
from ._generate import Generated
from ._leftovers import Leftover, remove
from ._lock import NAME, locked
from ._sources import SOURCES, Sources
from ._survey import Found
from ._temporary import new_temporary, temporaries


class Refused(Exception):
    """Raised where writing would cost something of the user's; nothing was written."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.reason}" for one in found))
        self.found = tuple(found)


@dataclass(frozen=True)
class Written:
    """What a run did.

    Attributes:
        total: How many files there are now.
        files: The paths that were written.
        removed: The leftovers that were removed.
        left: The leftovers that were not.
        unknown: The folders of models of which no run wrote down where their cells are declared.

    """

    total: int
    files: tuple[str, ...] = ()
    removed: tuple[Leftover, ...] = ()
    left: tuple[Leftover, ...] = ()
    unknown: tuple[str, ...] = ()


def write(
    generated: Generated, folder: Path, sources: Sources | None = None, *, force: bool = False, prune: bool = False
) -> Written:
    """Write the files that differ. Files that are as they should be are not touched.

    Args:
        generated: The files.
        folder: Where they belong; it is made if there is none.
        sources: Where the cells come from. Without them nothing is written down of it, and no leftovers are known.
        force: Replace files that were not generated, or were edited since.
        prune: Remove leftovers.

    Raises:
        Refused: something would be lost.
        OSError: the folder cannot be written to. Files that were not renamed yet are the old ones.

    """
    found = compare(generated, folder, sources, prune=prune)
    _permitted(found, force)
    places = [folder, *dict.fromkeys((folder / path).parent for path in found.texts)]
    if not found.changed and not (prune and found.left):
        if any(temporaries(places)) or (folder / NAME).exists():  # of a killed run, or of one that is not done
            with contextlib.suppress(OSError), locked(folder, patience=0) as alone:
                _clean(places, alone)
        return Written(len(found.texts), left=found.left, unknown=found.unknown)
    with _made(folder), locked(folder) as alone:
        _clean(places, alone)
        found = compare(generated, folder, sources, prune=prune)
        _permitted(found, force)
        doomed = found.left if prune else ()
        with _staged(found.changed, found.texts, folder) as staged:
            again = compare(generated, folder, sources, prune=prune)
            if moved := [one for one, before in zip(again.found, found.found, strict=False) if one != before]:
                raise Refused([Found(one.path, one.standing, detail="it changed just now") for one in moved])
            # What remembers leftovers goes last: a run that is killed before can be done again.
            last = {target: temporary for temporary, target in staged if target == folder / SOURCES}
            for temporary, target in staged:
                if target not in last:
                    os.replace(temporary, target)
            for leftover in doomed:
                remove(leftover, folder)
            for target, temporary in last.items():
                os.replace(temporary, target)
    changed = tuple(one.path for one in found.changed)
    return Written(len(found.texts), changed, doomed, () if prune else found.left, found.unknown)


def _permitted(found: Comparison, force: bool) -> None:
    refused = [one for one in found.found if one.standing.blocks or (one.standing.asks and not force)]
    if refused:
        raise Refused(refused)


def _clean(places: Iterable[Path], alone: bool) -> None:
    """Remove what killed runs left: all temporary files there are, if no other run can have one."""
    for abandoned in list(temporaries(places)) if alone else ():
        abandoned.unlink(missing_ok=True)


@contextlib.contextmanager
def _staged(changed: Sequence[Found], texts: Mapping[str, str], folder: Path) -> Iterator[list[tuple[Path, Path]]]:
    """Temporary files with these texts, each beside its place; those that are still there afterwards are removed."""
    staged: list[tuple[Path, Path]] = []
    with contextlib.ExitStack() as made:
        try:
            for one in changed:
                target = folder / one.path
                made.enter_context(_made(target.parent))
                handle, temporary = new_temporary(target.parent)
                staged.append((temporary, target))
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                    stream.write(texts[one.path])
                if one.mode is not None:
                    os.chmod(temporary, one.mode & 0o777)
            yield staged
        finally:
            for temporary, _ in staged:
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _made(folder: Path) -> Iterator[None]:
    """A folder and those above it; the ones that were made are removed again on failure, where nothing is in them."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise
