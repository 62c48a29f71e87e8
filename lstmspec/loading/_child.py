"""The process of one file: it runs the file, and says what came of it. Whatever the file breaks ends with it.

What is said goes through a pipe that the file could write into as well, so that each line begins with a secret of this
process. Nothing is secret from code that searches this process for it; who writes into all that is open does not know.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import _exit as leave  # the file may put others in the place of these
from os import fstat, getpid, write
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ..diagnostics import Diagnostic, said, shown_path
from ._attempt import attempt, endless, refused, site_in
from ._file_cells import unit_of
from ._file_findings import findings_of_cells
from ._messages import Fields, line, packed, packed_cell
from ._modules import put_folder_on_path
from ._offspring import STDERR, close_all_but, die_with, has_children, stand_alone
from ._sources import import_root
from ._specs import Target

PATIENCE = 0.2  # seconds in which a thread or a process may come to its end
FAILED = 70  # the exit status of a process that could not say what it had to


@dataclass(frozen=True)
class Action:
    """What is done in the place of loading a file.

    Attributes:
        make: Runs somebody's code. Whatever an `except Exception` catches is its own business.
        use: Takes what that made, and gives the text that is wanted.
        path: The file whose code it is; None for an installed module.

    """

    make: Callable[[], Any]
    use: Callable[[Any], str]
    path: Path | None


class Voice:
    """The one way out of the process: a pipe, with a secret before each line."""

    def __init__(self, pipe: int, secret: bytes) -> None:
        self._pipe, self._secret, self._process = pipe, secret, getpid()
        self._file = self._identity()

    def say(self, **fields: object) -> None:
        """Say something; raises OSError where the pipe is closed. A copy of the process, which a file makes, ends."""
        if getpid() != self._process:
            leave(0)
        if self._identity() != self._file:  # another file was opened under its number
            raise OSError
        rest = memoryview(self._secret + line(**fields))
        while rest:
            rest = rest[write(self._pipe, rest) :]

    def finish(self, **fields: object) -> NoReturn:
        """Say the last thing, and end the process: nothing that waits for its end is run."""
        self.say(**fields)
        leave(0)

    def _identity(self) -> tuple[int, int]:
        status = fstat(self._pipe)
        return status.st_dev, status.st_ino


def born(pipe: int, secret: bytes, parent: int, target: Target, wanted: Fields, action: Action | None) -> NoReturn:
    """Do in a fresh process what is asked for, and end it."""
    try:
        die_with(parent)
        stand_alone()
        close_all_but(pipe)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        faulthandler.disable()  # its end is told by a finding
        voice = Voice(pipe, secret)
        if action is not None:
            _do(voice, action, wanted["running"])
        _load(voice, target, wanted["running"], wanted["check"])
    finally:
        leave(FAILED)


def _load(voice: Voice, target: Target, timeout: float, check: bool) -> NoReturn:
    path = str(target.path)
    before = set(threading.enumerate())
    try:
        put_folder_on_path(import_root(target.path))
        unit = unit_of(target, timeout, _late(voice, path, timeout))
        left = list(_left_behind(path, before))
        voice.say(imported=True)
        for cell in findings_of_cells(unit, check=check) if not left else ():
            voice.say(cell=packed_cell(cell))
    except Exception as error:  # its folder is gone, say
        message = f"`{shown_path(path)}` cannot be loaded: {type(error).__name__}: {said(error)}"
        voice.finish(done=[packed(refused(path, message))])
    voice.finish(done=[packed(finding) for finding in (*unit.findings, *left)])


def _do(voice: Voice, action: Action, timeout: float) -> NoReturn:
    made: list[Any] = []
    try:
        if action.path is None:
            made.append(action.make())
        else:
            path, before = str(action.path), set(threading.enumerate())
            late = _late(voice, path, timeout)
            found = attempt(path, lambda: made.append(action.make()), timeout, late, lasting=True)
            if found := (*found, *_left_behind(path, before)):
                voice.finish(done=[packed(finding) for finding in found])
        voice.say(imported=True)
        text = action.use(made[0])
    except BaseException as error:  # somebody else's code may raise anything
        voice.finish(done=[], fault=f"it raises {type(error).__name__}: {said(error)}".rstrip(": "))
    voice.finish(done=[], result=text)


def _late(voice: Voice, path: str, timeout: float) -> Callable[[FrameType | None], NoReturn]:
    def late(frame: FrameType | None) -> NoReturn:
        try:
            voice.finish(done=[packed(endless(path, timeout, site_in(path, frame)))])
        finally:
            leave(FAILED)

    return late


def _left_behind(path: str, before: set[threading.Thread]) -> Iterator[Diagnostic]:
    """Findings about what a file leaves: a program that loaded it would wait for it, or could say nothing more."""
    name = shown_path(path)
    help_ = "a specification only declares; do this where its models are used"
    for thread in [one for one in threading.enumerate() if one not in before and not one.daemon]:
        thread.join(PATIENCE)
        if thread.is_alive():
            yield refused(path, f"`{name}` leaves a thread running: `{thread.name}`", help_)
            break
    if has_children(PATIENCE):
        yield refused(path, f"`{name}` leaves a process running", help_)
    streams = (sys.stdout, sys.stderr)
    if any(getattr(stream, "closed", True) for stream in streams) or not all(map(_is_open, range(STDERR + 1))):
        yield refused(path, f"`{name}` closes a standard stream, which is not its own", help_)


def _is_open(descriptor: int) -> bool:
    with contextlib.suppress(OSError):
        os.fstat(descriptor)
        return True
    return False
