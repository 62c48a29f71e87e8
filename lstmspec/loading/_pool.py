"""Files that wait, the workers that have them run, and what was found.

A worker is forked, which takes milliseconds, where this process has one thread; else it is a program of its own, kept
for the next time.
"""

from __future__ import annotations

import atexit
import collections
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, shown_path
from ._attempt import endless, refused
from ._child import Action
from ._file_findings import FileFindings
from ._messages import Unreadable, parsed_line, unpacked_all, unpacked_cell
from ._specs import Target
from ._worker import FOREIGN, GRACE, LATE, LONGEST, PIECE, worded
from ._worker_process import TICK, Worker, forked, program, readable

MOST = 8  # workers
SLACK = 5.0  # seconds until a worker, which keeps the times itself, is taken for hanging
_spare: list[Worker] = []


@dataclass(frozen=True)
class Limits:
    """How many seconds a file may take.

    Attributes:
        running: To run.
        using: For a cell of it to be checked then, or for whatever is done with it.

    """

    running: float
    using: float


def can_fork() -> bool:
    """Whether a copy of this process works as it does."""
    return hasattr(os, "fork") and threading.active_count() == 1


class Pool:
    """Files that wait, workers, and what was found.

    Attributes:
        found: What there is to say about each file that is done, by its place.
        made: Whether the last file came through.
        fault: Why the last one has no result, which its findings say too.
        result: What the action gave, if there is one.

    """

    def __init__(self, targets: Sequence[Target], limits: Limits, check: bool, action: Action | None = None) -> None:
        self.found: dict[int, FileFindings] = {}
        self.made, self.fault = False, ""
        self.result: str | None = None
        self._targets, self._limits, self._check, self._action = targets, limits, check, action
        self._waiting = collections.deque(range(len(targets)))
        self._alone: set[int] = set()  # files that need a fresh worker: one that served another ended at them
        self._workers: list[Worker] = []
        self._most = min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)

    def step(self) -> None:
        """Give work to who has none, and listen for a while."""
        self._distribute()
        busy = [worker for worker in self._workers if worker.job is not None]
        wait = min([TICK, *(max(0.0, worker.deadline - time.monotonic()) for worker in busy)])
        heard = readable(busy, wait)
        for worker in busy:
            if worker.process in heard:
                self._hear(worker)
            elif worker.ended() and not readable([worker], 0):
                self._gone(worker)
            elif time.monotonic() > worker.deadline:
                self._dismiss(worker)
                self._end(worker, fault=LATE)

    def close(self) -> None:
        """End the workers; a program that is idle is kept for the next time."""
        for worker in self._workers:
            if worker.program is not None and worker.job is None and len(_spare) < MOST:
                worker.afresh = True
                _spare.append(worker)
            else:
                worker.let_go()
        for worker in self._workers:
            if worker not in _spare:
                worker.end()

    def _distribute(self) -> None:
        idle = [worker for worker in self._workers if worker.job is None]
        while self._waiting and (idle or len(self._workers) < self._most):
            job = self._waiting[0]
            alone = job in self._alone
            if alone and idle and idle[0].served >= 0:
                self._dismiss(idle.pop(0))
                continue
            worker = idle.pop(0) if idle else self._hired(fresh=alone)
            how = {"running": self._limits.running, "using": self._limits.using, "check": self._check}
            worker.ask(self._waiting.popleft(), self._targets[job], {**how, "prepare": not alone})

    def _hired(self, fresh: bool) -> Worker:
        if can_fork():
            worker = forked(self._action)
        else:
            worker = _spare.pop() if _spare and not fresh else program()
        self._workers.append(worker)
        return worker

    def _dismiss(self, worker: Worker) -> int:
        self._workers.remove(worker)
        return worker.end()

    def _hear(self, worker: Worker) -> None:
        try:
            piece = worker.channel.recv(PIECE)
        except OSError:
            piece = b""
        if not piece:
            self._gone(worker)
            return
        *lines, worker.unread = (worker.unread + piece).split(b"\n")
        try:
            for text in lines:
                self._take(worker, text)
            if len(worker.unread) > LONGEST:
                raise Unreadable
        except Unreadable:
            self._dismiss(worker)
            self._end(worker, fault=FOREIGN)

    def _take(self, worker: Worker, text: bytes) -> None:
        fields = parsed_line(text)
        if worker.job is None:
            raise Unreadable
        worker.deadline = time.monotonic() + self._limits.using + SLACK
        if "done" in fields:
            result = fields.get("result")
            self.result = result if isinstance(result, str) else None
            self._end(worker, unpacked_all(fields["done"]), str(fields.get("fault", "")))
        elif "cell" in fields:
            worker.cells.append(unpacked_cell(fields["cell"]))
        elif "imported" in fields:
            worker.ran = True
        elif "started" in fields:
            worker.deadline = time.monotonic() + self._limits.running + GRACE + SLACK
        else:
            raise Unreadable

    def _gone(self, worker: Worker) -> None:
        status, job = self._dismiss(worker), worker.job
        if job is None:
            return
        if job not in self._alone:  # it may be the fault of another file, or of a library
            self._alone.add(job)
            self._waiting.appendleft(job)
            return
        self._end(worker, fault=f"its process ended with {worded(status)}")

    def _end(self, worker: Worker, findings: Sequence[Diagnostic] = (), fault: str = "") -> None:
        if worker.job is None:
            return
        target = self._targets[worker.job]
        seconds = self._limits.using if worker.ran else self._limits.running
        self.made, self.fault = worker.ran, f"it did not finish in {seconds:g} s" if fault == LATE else fault
        if fault:
            findings = (*findings, self._unfinished(str(target.path), fault, worker.ran))
        self.found[worker.job] = FileFindings(target.path, tuple(worker.cells), tuple(findings))
        worker.job = None

    def _unfinished(self, path: str, fault: str, ran: bool) -> Diagnostic:
        if fault == LATE and not ran:
            return endless(path, self._limits.running)
        why = f"a cell of it was not checked in {self._limits.using:g} s" if fault == LATE else fault
        help_ = "a specification only declares: it neither ends nor changes the program that loads it"
        return refused(path, f"`{shown_path(path)}` cannot be loaded: {why}", help_)


@atexit.register
def _end_spare() -> None:
    while _spare:
        _spare.pop().end()
