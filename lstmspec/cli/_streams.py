"""The standard streams as they may be: closed, full, or a pipe that nobody reads any more."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

from ..diagnostics import printable

STDOUT, STDERR = 1, 2
UNREAD = 141  # the exit code of what writes into a pipe that nobody reads, as shells have it
COULD_NOT = 2  # the exit code of a run that could not be done


def require_streams() -> None:
    """Open what is closed, lest the next file that is opened be taken for it: stdout so that writing to it fails."""
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free, which is this one
    sys.stdout = sys.stdout or open(STDOUT, "w", closefd=False)
    sys.stderr = sys.stderr or open(STDERR, "w", closefd=False)


def unwritten(error: OSError) -> NoReturn:
    """Say what could not be written or read, and exit."""
    nameless = "the working directory" if isinstance(error, FileNotFoundError) else "standard output"
    place = os.fsdecode(error.filename) if error.filename is not None else nameless
    with contextlib.suppress(OSError):  # as nobody may be told
        print(f"error: {printable(place)}: {printable(error.strerror or str(error))}", file=sys.stderr, flush=True)
    silence(STDOUT, STDERR)
    sys.exit(COULD_NOT)


def silence(*streams: int) -> None:
    """Let what is written from now on go nowhere: Python writes what is left when it ends."""
    with contextlib.suppress(OSError):
        for number in streams:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
