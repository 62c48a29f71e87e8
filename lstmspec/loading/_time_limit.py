"""A limit on the time that somebody's file takes to run."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from types import FrameType

STRIKES = 100  # after so many interruptions that were swallowed, a file cannot be stopped from within
AGAIN = 0.05  # seconds between them


class Endless(BaseException):
    """A file took too long; no Exception, so that `except Exception` in it does not swallow this."""


def _follow(frame: FrameType | None) -> None:
    """Have the next line raise too: what swallows an exception goes on in a handler, and nothing swallows that one."""
    sys.settrace(_raise)
    while frame is not None and frame.f_code.co_filename != __file__:
        frame.f_trace = _raise
        frame = frame.f_back


def _raise(frame: FrameType, event: str, argument: object) -> None:
    if event == "line":
        raise Endless


class Watch:
    """Interrupts what runs in it after some time, and knows an interruption by the user from one that a file raises.

    Signals reach only the main thread; in another there is no limit.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.fired = 0
        self.interrupted = False
        self._trace = sys.gettrace()
        self._on = threading.current_thread() is threading.main_thread()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> None:
        if not self._on:
            return
        self._sigint = signal.signal(signal.SIGINT, self._asked)
        if hasattr(signal, "setitimer"):
            self._sigalrm = signal.signal(signal.SIGALRM, self._late)
            signal.setitimer(signal.ITIMER_REAL, self.timeout, AGAIN)
        else:
            self._timer = threading.Timer(self.timeout, self._interrupt)
            self._timer.daemon = True
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if not self._on:
            return
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._sigalrm)
            sys.settrace(self._trace)
        elif self._timer is not None:
            self._timer.cancel()
        signal.signal(signal.SIGINT, self._sigint)

    def _late(self, _: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_filename == __file__:
            return  # on its way out
        self.fired += 1
        if self.fired > 1:
            _follow(frame)
        if self.fired > STRIKES:
            print(
                f"error[LS213]: a file did not finish in {self.timeout:g} s, nor let itself be stopped", file=sys.stderr
            )
            os._exit(2)
        raise Endless

    def _interrupt(self) -> None:
        self.fired += 1
        _thread.interrupt_main()

    def _asked(self, *_: object) -> None:
        self.interrupted = not self.fired
        raise KeyboardInterrupt
