"""Temporary files beside the places that they are renamed to; their names tell them from everybody else's."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

_NAME = re.compile(r"\.lstmspec-[0-9a-f]{16}\.tmp")
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def is_temporary(name: str) -> bool:
    """Whether a file of this name was made here, by this run or another."""
    return _NAME.fullmatch(name) is not None


def new_temporary(folder: Path) -> tuple[int, Path]:
    """A new file, open for writing, with the permissions that the user's umask leaves."""
    place = folder / f".lstmspec-{secrets.token_hex(8)}.tmp"
    return os.open(place, _FLAGS, 0o666), place


def temporaries(folders: Iterable[Path]) -> Iterator[Path]:
    """What runs left in these folders; those that are running have theirs there too."""
    for folder in folders:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            yield from [Path(entry.path) for entry in entries if is_temporary(entry.name)]
