"""A worker: a process that runs nobody's code, and forks one for each file, which is killed with all that it started.

It passes on what the file's process says, each line with the secret of that process before it: exactly one result, and
nothing else. It ends, and what it forked, when its parent is gone.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from ._attempt import is_installed
from ._child import Action, born
from ._messages import Fields, Unreadable, line, parsed_line
from ._offspring import close_all_but, end_children, stand_alone, status_of
from ._sources import Sources
from ._specs import Target

PATIENCE = 0.5  # seconds from the end of a process's words to its own
GRACE = 2.0  # seconds after its time in which a process may still say where the file stood
LONGEST = 100_000_000  # bytes of a message
PIECE = 65536
LATE = "late"
FOREIGN = "it writes into a file descriptor that is not its own"


def serve(channel: socket.socket, action: Action | None = None) -> NoReturn:
    """Answer requests until there are no more; with an action, that is done in the place of loading a file."""
    stand_alone()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    close_all_but(channel.fileno())
    sources = Sources()
    with channel.makefile("rb") as requests:
        for request in requests:
            wanted = parsed_line(request)
            target = Target(Path(wanted["path"]), tuple(wanted["names"]), wanted["asked"])
            if wanted["afresh"]:
                sys.path[:] = wanted["python_path"]
                with contextlib.suppress(OSError):  # it may be gone, or not to be entered again
                    os.chdir(wanted["cwd"])
            if wanted["prepare"] and action is None:
                _prepare(sources.libraries(target.path))
                if threading.active_count() > 1:  # a process with threads is not to be forked: another worker will do
                    break
            gc.freeze()  # what a copy does not touch, it shares
            for answer in _answers(channel, target, wanted, action):
                channel.sendall(line(**answer))
    os._exit(0)


def started() -> NoReturn:
    """A worker that was started as a program of its own: its argument is the number of its socket."""
    serve(socket.socket(fileno=int(sys.argv[1])))


def _prepare(modules: Sequence[str]) -> None:
    """Import libraries once for all files; what comes of it otherwise is told where a file imports them."""
    for name in modules:
        top = name.partition(".")[0]
        if name in sys.modules or top in sys.stdlib_module_names:
            continue
        with contextlib.suppress(Exception):
            spec = importlib.util.find_spec(top)
            if spec is not None and spec.origin is not None and is_installed(spec.origin):
                importlib.import_module(name)


def _answers(channel: socket.socket, target: Target, wanted: Fields, action: Action | None) -> Iterator[Fields]:
    """What there is to say about one file; the last one has "done", and why there is no result if there is none."""
    ours, theirs = os.pipe()
    secret, worker = secrets.token_hex().encode(), os.getpid()
    child = os.fork()
    if child == 0:
        born(theirs, secret, worker, target, wanted, action)
    os.close(theirs)
    yield {"started": True}
    listener, last, fault = _Listener(ours, secret, channel, wanted), None, ""
    try:
        for said in listener.heard():
            if "done" in said:
                last = said
                break
            yield said
    except Unreadable:
        fault = FOREIGN
    except TimeoutError:
        fault = LATE
    except EOFError:
        fault = "nobody wants to know"
    status = status_of(child, 0 if fault else PATIENCE)
    end_children()
    if not fault and (status or last is None):
        fault = f"its process ended with {worded(status)}"
    elif not fault and listener.has_more():
        fault = FOREIGN
    os.close(ours)
    yield {"done": [], "fault": fault} if fault or last is None else last


class _Listener:
    """What a process says through a pipe, while its parent's parent is there."""

    def __init__(self, pipe: int, secret: bytes, channel: socket.socket, wanted: Fields) -> None:
        self._pipe, self._secret, self._channel = pipe, secret, channel
        self._seconds: float = wanted["using"]
        self._end = time.monotonic() + wanted["running"] + GRACE
        self._unread = b""

    def heard(self) -> Iterator[Fields]:
        """Messages, until there are no more.

        Raises:
            Unreadable: What is said is no message, or has not the secret.
            TimeoutError: It takes too long.
            EOFError: Nobody is there to listen to this process.

        """
        while True:
            sources = [self._pipe, self._channel.fileno()]
            ready, _, _ = select.select(sources, [], [], max(0.0, self._end - time.monotonic()))
            if self._channel.fileno() in ready:
                raise EOFError
            if not ready:
                raise TimeoutError
            piece = os.read(self._pipe, PIECE)
            if not piece:
                return
            self._unread += piece
            yield from self._messages()

    def has_more(self) -> bool:
        """Whether more was said than was heard, by what has ended since."""
        os.set_blocking(self._pipe, False)
        with contextlib.suppress(BlockingIOError):  # on some systems there may be someone left who says nothing
            return bool(self._unread or os.read(self._pipe, PIECE))
        return False

    def _messages(self) -> Iterator[Fields]:
        *lines, self._unread = self._unread.split(b"\n")
        for text in lines:
            if not text.startswith(self._secret):
                raise Unreadable
            self._end = time.monotonic() + self._seconds
            yield parsed_line(text.removeprefix(self._secret))
        start = self._unread[: len(self._secret)]
        if not self._secret.startswith(start) or len(self._unread) > LONGEST:
            raise Unreadable


def worded(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
