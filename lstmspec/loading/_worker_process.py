"""A worker as its parent has it: how one is started, asked, listened to and ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ._child import Action
from ._file_findings import CellFindings
from ._messages import line
from ._specs import Target
from ._worker import serve

STARTING = 60.0  # seconds until a worker is at a file: a program of its own imports this package first
ENDING = 2.0  # seconds until it has ended what it forked, and itself
TICK = 0.05  # seconds: how often workers are looked at that have ended and left their channel to others
PACKAGED_IN = str(Path(__file__).parents[2])
_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from lstmspec.loading import started; started()"


@dataclass
class Worker:
    """A process that has files run, and the one that it is at."""

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

    def ask(self, job: int, target: Target, how: Mapping[str, object]) -> None:
        """Have a file run."""
        self.job, self.served, self.ran, self.cells = job, self.served + 1, False, []
        self.deadline = time.monotonic() + STARTING
        wanted = {"path": str(target.path), "names": target.names, "asked": target.asked}
        place = {"afresh": self.afresh, "python_path": sys.path, "cwd": _folder()}
        self.afresh = False
        with contextlib.suppress(OSError):  # it ended, which is seen when it is listened to
            self.channel.sendall(line(**wanted, **how, **place))

    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._wait(os.WNOHANG) is not None

    def let_go(self) -> None:
        """Let it see that nothing more is wanted: it ends what it forked, and itself."""
        self.channel.close()

    def end(self) -> int:
        """Wait for its end, or kill it. Its exit status, negative for a signal."""
        self.let_go()
        end = time.monotonic() + ENDING
        while time.monotonic() < end and not self.ended():
            time.sleep(TICK / 25)
        if self.status is None:
            with contextlib.suppress(OSError):
                os.kill(self.process, signal.SIGKILL)
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


def forked(action: Action | None = None) -> Worker:
    """A copy of this process, which has one thread. The copy keeps nothing open of what is open here."""
    ours, theirs = socket.socketpair()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with warnings.catch_warnings(action="ignore"):  # of threads that are none of Python's: those of a BLAS
        process = os.fork()
    if process == 0:
        try:
            serve(theirs, action)
        finally:
            os._exit(70)
    theirs.close()
    return Worker(process, ours)


def program() -> Worker:
    """A program of its own, which imports this package from where it is here."""
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        path = [PACKAGED_IN, *sys.path]
        command = [sys.executable, "-c", _PROGRAM, str(number), json.dumps(path)]
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2, pass_fds=(number,))
    return Worker(program.pid, ours, program)


def readable(workers: Sequence[Worker], wait: float) -> set[int]:
    """The processes of those that have said something, or are gone, after a while."""
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.channel, selectors.EVENT_READ, worker.process)
        return {key.data for key, _ in selector.select(wait)}


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return "."
