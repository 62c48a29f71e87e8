"""What a process starts: on Linux it is found wherever it went, and ended; elsewhere what stayed in its group is."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import signal
import sys
from collections.abc import Iterator
from time import monotonic, sleep  # a file may put others in the place of these

STDIN, STDOUT, STDERR = 0, 1, 2
TICK = 0.002  # seconds
LONGEST = 2.0  # seconds: what is killed ends in far less, unless the system itself hangs
_PARENT_DEATH, _SUBREAPER = 1, 36  # of prctl(2)
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def stand_alone() -> None:
    """Let this process be a session of its own, without a terminal, a stdin or a stdout: what it prints is no finding.

    Orphans below it become its children.
    """
    with contextlib.suppress(OSError):
        os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STDIN)
    os.close(nothing)
    with contextlib.suppress(OSError):  # there may be no stderr
        os.dup2(STDERR, STDOUT)
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = open(STDERR, "w", buffering=1, errors="backslashreplace", closefd=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if _PRCTL is not None:
        _PRCTL(_SUBREAPER, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """Let this process end when its parent does, where the system knows how."""
    if _PRCTL is not None:
        _PRCTL(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the standard streams and these."""
    start = STDERR + 1
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, max(start, os.sysconf("SC_OPEN_MAX")))


def has_children(patience: float) -> bool:
    """Whether a process that this one started, or took over, is there after a while."""
    end = monotonic() + patience
    with contextlib.suppress(ChildProcessError):
        while monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                sleep(patience / 20)
        return True
    return False


def status_of(child: int, patience: float) -> int:
    """The exit status of a child, negative for a signal; it and its group are killed if it is there after a while."""
    end, status = monotonic() + patience, None
    while status is None and monotonic() < end:
        if (status := _waited(child, os.WNOHANG)) is None:
            sleep(TICK)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        with contextlib.suppress(OSError):  # it may not have come to have a group yet
            os.kill(child, signal.SIGKILL)
        status = _waited(child, 0)
    return status or 0


def end_children() -> None:
    """Kill all children, and theirs as they become this one's."""
    end = monotonic() + LONGEST
    with contextlib.suppress(ChildProcessError):
        while monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                for child in _children():
                    with contextlib.suppress(OSError):
                        os.kill(child, signal.SIGKILL)
                sleep(TICK)


def _waited(child: int, options: int) -> int | None:
    try:
        process, status = os.waitpid(child, options)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if process else None


def _children() -> Iterator[int]:
    """The processes whose parent is this one."""
    own = str(os.getpid())
    for name in filter(str.isdecimal, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError, IndexError):
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()  # a name in parentheses may hold anything
            if fields[1].decode() == own:
                yield int(name)
