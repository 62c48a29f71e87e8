"""Files that are written whole, or left as they were."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(place: Path) -> Iterator[BinaryIO]:
    """A stream into a new file, which takes the place of another one at the end; not if something is raised.

    A symlink is written through. The file that is replaced leaves its permissions to the new one.

    Raises:
        OSError: what is there is no regular file, or read-only; or the system does not let it be written.

    """
    target = Path(os.path.realpath(place))
    mode = _mode(target)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            yield stream
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def require_file(place: Path) -> int:
    """The permissions of a regular file. Raises OSError for anything else: to open a pipe would wait for its writer."""
    about = place.stat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError(0, "it is a folder" if stat.S_ISDIR(about.st_mode) else "it is no regular file")
    return stat.S_IMODE(about.st_mode)


def _mode(target: Path) -> int | None:
    if not os.path.lexists(target):
        return None
    mode = require_file(target)
    if not mode & 0o222:
        raise PermissionError(0, "it is read-only")
    return mode
