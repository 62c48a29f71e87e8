"""A limit on the time that somebody's file takes to run."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

AGAIN = 1.0  # seconds until what swallowed the exception, in this process, ends it


class Endless(BaseException):
    """A file took too long; no Exception, so that `except Exception` in it does not swallow this."""


class Watch:
    """Calls `late` with the frame that is running when time is up; knows an interruption by the user from another.

    Signals reach only the main thread; in another one, and where there is no timer, there is no limit. Files run in
    children first, whose parent has a clock that nothing in them reaches.
    """

    def __init__(self, timeout: float, late: Callable[[FrameType | None], NoReturn] | None = None) -> None:
        self.timeout = timeout
        self.interrupted = False
        self._fired = False
        self._late = late or self._stop
        self._on = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if not self._on:
            return
        self._sigint = signal.signal(signal.SIGINT, self._asked)
        if hasattr(signal, "setitimer"):
            self._sigalrm = signal.signal(signal.SIGALRM, lambda _, frame: self._late(frame))
            signal.setitimer(signal.ITIMER_REAL, self.timeout, AGAIN)

    def __exit__(self, *_: object) -> None:
        if not self._on:
            return
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._sigalrm)
        signal.signal(signal.SIGINT, self._sigint)

    def _stop(self, _: FrameType | None) -> NoReturn:
        """For a file that came through in a child and does not here."""
        if self._fired:
            said = f"error[LS213]: a file did not finish in {self.timeout:g} s, nor let itself be stopped"
            print(said, file=sys.stderr, flush=True)
            os._exit(2)
        self._fired = True
        raise Endless

    def _asked(self, *_: object) -> NoReturn:
        self.interrupted = not self._fired
        raise KeyboardInterrupt
