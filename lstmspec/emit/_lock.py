"""One writer at a time in a folder: a file the system locks, and unlocks when the process ends, whatever ends it."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".lstmspec.lock"
PATIENCE = 60.0  # seconds; a run holds the lock while it writes, not while it generates
_PAUSE = 0.02
# File systems that cannot lock: then there is no other protection than that every name of a temporary file is new.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextlib.contextmanager
def locked(folder: Path, patience: float | None = None) -> Iterator[bool]:
    """Be the only one that writes to a folder, which is made if there is none.

    Args:
        folder: The folder.
        patience: Seconds to wait for another run.

    Yields:
        Whether the file system can lock.

    Raises:
        TimeoutError: another run has held the lock for too long.
        OSError: the folder or the file in it cannot be made.

    """
    place, seconds = folder / NAME, PATIENCE if patience is None else patience
    deadline = time.monotonic() + seconds
    while (held := _taken(place)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(errno.EAGAIN, f"another run has been writing there for {seconds:g} s", str(place))
        time.sleep(_PAUSE)
    handle, locks = held
    try:
        yield locks
    finally:
        _released(handle, place)


def _taken(place: Path) -> tuple[int, bool] | None:
    """The open lock file and whether it is locked; None where another one holds it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except FileNotFoundError:
        return None  # another run made the folder, failed, and has just removed it
    try:
        _lock(handle)
        if os.path.samestat(os.fstat(handle), os.stat(place)):
            return handle, True
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass  # locked, or removed by the one that held it
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return handle, False
        os.close(handle)
        raise
    os.close(handle)
    return None


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _released(handle: int, place: Path) -> None:
        os.close(handle)  # an open file cannot be removed
        with contextlib.suppress(OSError):
            place.unlink()

else:

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _released(handle: int, place: Path) -> None:
        # Removed while it is held: whoever waits for it sees that the file is another one, and tries again.
        with contextlib.suppress(OSError):
            place.unlink()
        os.close(handle)
