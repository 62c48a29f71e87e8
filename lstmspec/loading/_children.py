"""The side of the parent: it runs nobody's code, has a clock, and hears from children what came of each file.

A child is forked, which takes milliseconds, where this process has one thread; else it is a program of its own, kept
for the next time. What does not answer in time is killed with all that it started. Where there is no fork, on Windows,
files run in this process.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..diagnostics import Diagnostic, shown_path
from ._attempt import endless, refused
from ._child import serve
from ._file_cells import unit_of
from ._file_findings import CellFindings, FileFindings, findings_of_cells
from ._messages import Unreadable, line, parsed_line, unpacked_all, unpacked_cell
from ._modules import folder_on_path
from ._sources import import_root
from ._specs import Target

MOST = 8  # children
PATIENCE = 0.5  # seconds from the end of a child's words to its own
STARTING = 60.0  # seconds until a child is at a file: a program of its own imports this package first
GRACE = 2.0  # seconds after its time in which a child may still say where the file stood
CHECKING = 60.0  # seconds for a cell, once its file is run
LONGEST = 100_000_000  # bytes of a message
PIECE = 65536
TICK = 0.05  # seconds: how often children are looked at that have ended and left their channel to others
_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from lstmspec.loading import started; started()"
_spare: list[Child] = []


def findings_of_files(targets: Sequence[Target], timeout: float, *, check: bool) -> Iterator[FileFindings]:
    """What there is to say about files, in their order.

    Args:
        targets: The files.
        timeout: Seconds that each may take to run.
        check: Whether their cells are checked too.

    """
    if not hasattr(os, "fork"):
        yield from (_in_this_process(target, timeout, check) for target in targets)
        return
    pool = _Pool(targets, timeout, check)
    try:
        for place in range(len(targets)):
            while place not in pool.found:
                pool.step()
            yield pool.found.pop(place)
    finally:
        pool.close()


def _in_this_process(target: Target, timeout: float, check: bool) -> FileFindings:
    with folder_on_path(import_root(target.path)):
        unit = unit_of(target, timeout)
        return FileFindings(unit.path, tuple(findings_of_cells(unit, check=check)), unit.findings)


@dataclass
class Child:
    """A process that runs files, and the one that it is at."""

    process: int
    channel: socket.socket
    program: subprocess.Popen[bytes] | None = None
    job: int | None = None
    served: int = -1  # files before this one
    afresh: bool = True
    deadline: float = 0.0
    ran: bool = False
    status: int | None = None
    unread: bytes = b""
    cells: list[CellFindings] = field(default_factory=list)

    def ask(self, job: int, target: Target, timeout: float, check: bool) -> None:
        """Have it run a file."""
        self.job, self.served, self.ran, self.cells = job, self.served + 1, False, []
        self.deadline = time.monotonic() + STARTING
        wanted = {"path": str(target.path), "names": target.names, "asked": target.asked}
        how = {"timeout": timeout, "check": check, "afresh": self.afresh, "python_path": sys.path, "cwd": _folder()}
        self.afresh = False
        with contextlib.suppress(OSError):  # it ended, which is seen when it is listened to
            self.channel.sendall(line(**wanted, **how))

    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._wait(os.WNOHANG) is not None

    def kill(self, patience: float = 0) -> int:
        """End it and what it started, after a while for its own end. Its exit status, negative for a signal."""
        end = time.monotonic() + patience
        while time.monotonic() < end and not self.ended():
            time.sleep(TICK / 10)
        with contextlib.suppress(OSError):
            os.killpg(self.process, signal.SIGKILL)
        if self.status is None:
            with contextlib.suppress(OSError):
                os.kill(self.process, signal.SIGKILL)
        self.channel.close()
        return self._wait(0) or 0

    def _wait(self, options: int) -> int | None:
        if self.status is None:
            try:
                process, status = os.waitpid(self.process, options)
            except ChildProcessError:  # where SIGCHLD is ignored, the system keeps no status
                process, status = self.process, 0
            if process:
                self.status = os.waitstatus_to_exitcode(status)
                if self.program is not None:
                    self.program.returncode = self.status
        return self.status


class _Pool:
    """Files that wait, children at work, and what was found."""

    def __init__(self, targets: Sequence[Target], timeout: float, check: bool) -> None:
        self.targets, self.timeout, self.check = targets, timeout, check
        self.waiting = collections.deque(range(len(targets)))
        self.alone: set[int] = set()  # files that need a fresh child: one that served another ended at them
        self.children: list[Child] = []
        self.found: dict[int, FileFindings] = {}
        self.most = min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)

    def step(self) -> None:
        """Give work to who has none, and listen for a while."""
        self._distribute()
        busy = [child for child in self.children if child.job is not None]
        wait = min([TICK, *(max(0.0, child.deadline - time.monotonic()) for child in busy)])
        heard = _readable(busy, wait)
        for child in busy:
            if child.process in heard:
                self._hear(child)
            elif child.ended() and not _readable([child], 0):
                self._gone(child)
            elif time.monotonic() > child.deadline:
                self._late(child)

    def close(self) -> None:
        """End the children; a program that is idle is kept for the next time."""
        for child in self.children:
            if child.program is not None and child.job is None and len(_spare) < MOST:
                child.afresh = True
                _spare.append(child)
            else:
                child.kill()

    def _distribute(self) -> None:
        idle = [child for child in self.children if child.job is None]
        while self.waiting and (idle or len(self.children) < self.most):
            job = self.waiting[0]
            if job in self.alone and idle and idle[0].served >= 0:
                self._dismiss(idle.pop(0))
                continue
            child = idle.pop(0) if idle else self._hired(fresh=job in self.alone)
            child.ask(self.waiting.popleft(), self.targets[job], self.timeout, self.check)

    def _hired(self, fresh: bool) -> Child:
        alone = threading.active_count() == 1
        spare = not fresh and not alone and _spare
        child = _spare.pop() if spare else _forked(self.children) if alone else _program()
        self.children.append(child)
        return child

    def _dismiss(self, child: Child, patience: float = 0) -> int:
        self.children.remove(child)
        return child.kill(patience)

    def _hear(self, child: Child) -> None:
        try:
            piece = child.channel.recv(PIECE)
        except OSError:
            piece = b""
        if not piece:
            self._gone(child)
            return
        *lines, child.unread = (child.unread + piece).split(b"\n")
        try:
            for text in lines:
                self._take(child, text)
            if len(child.unread) > LONGEST:
                raise Unreadable
        except Unreadable:
            self._dismiss(child)
            self._end(child, _unfinished(self._path(child), "its process says what cannot be read"))

    def _take(self, child: Child, text: bytes) -> None:
        fields = parsed_line(text)
        if child.job is None:
            raise Unreadable
        child.deadline = time.monotonic() + CHECKING
        if "done" in fields:
            self._end(child, *unpacked_all(fields["done"]))
            if fields.get("last"):
                self._dismiss(child)
        elif "cell" in fields:
            child.cells.append(unpacked_cell(fields["cell"]))
        elif "imported" in fields:
            child.ran = True
        elif "started" in fields:
            child.deadline = time.monotonic() + self.timeout + GRACE
        else:
            raise Unreadable

    def _gone(self, child: Child) -> None:
        status, job = self._dismiss(child, PATIENCE), child.job
        if job is None:
            return
        if child.served and job not in self.alone:  # it may be another file's fault
            self.alone.add(job)
            self.waiting.appendleft(job)
            return
        self._end(child, _unfinished(self._path(child), f"its process ended with {_worded(status)}"))

    def _late(self, child: Child) -> None:
        self._dismiss(child)
        path = self._path(child)
        slow = f"a cell of it was not checked in {CHECKING:g} s"
        self._end(child, _unfinished(path, slow) if child.ran else endless(path, self.timeout))

    def _path(self, child: Child) -> str:
        return str(self.targets[child.job].path) if child.job is not None else ""

    def _end(self, child: Child, *findings: Diagnostic) -> None:
        if child.job is None:
            return
        self.found[child.job] = FileFindings(self.targets[child.job].path, tuple(child.cells), findings)
        child.job = None


def _readable(children: Sequence[Child], wait: float) -> set[int]:
    """The processes of those that have said something, or are gone, after a while."""
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.channel, selectors.EVENT_READ, child.process)
        return {key.data for key, _ in selector.select(wait)}


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


def _unfinished(path: str, why: str) -> Diagnostic:
    help_ = "a specification only declares: it neither ends nor changes the program that loads it"
    return refused(path, f"`{shown_path(path)}` cannot be loaded: {why}", help_)


def _worded(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def _forked(others: Sequence[Child]) -> Child:
    ours, theirs = socket.socketpair()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with warnings.catch_warnings(action="ignore"):  # of threads that are none of Python's: those of a BLAS
        process = os.fork()
    if process == 0:
        try:
            for channel in (ours, *(child.channel for child in others)):
                channel.close()
            serve(theirs)
        finally:
            os._exit(70)
    theirs.close()
    return Child(process, ours)


def _program() -> Child:
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        path = [str(Path(__file__).parents[2]), *sys.path]
        command = [sys.executable, "-c", _PROGRAM, str(number), json.dumps(path)]
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2, pass_fds=(number,))
    return Child(program.pid, ours, program)


@atexit.register
def _end_spare() -> None:
    while _spare:
        _spare.pop().kill()
