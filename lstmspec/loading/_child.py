"""The side of a child: it runs files one after another, as its parent asks, and says what came of each.

What a file breaks stays here. A child in which something of a file is left, a thread or a process, serves no other one.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ..diagnostics import Diagnostic, said, shown_path
from ._attempt import STDERR, STDOUT, endless, refused, site_in
from ._file_cells import unit_of
from ._file_findings import findings_of_cells
from ._messages import Fields, line, packed, packed_cell, parsed_line
from ._modules import folder_on_path
from ._sources import import_root
from ._specs import Target

STDIN = 0
PATIENCE = 0.2  # seconds in which a thread or a process may come to its end


def serve(channel: socket.socket) -> NoReturn:
    """Answer requests until there are no more."""
    _stand_alone()
    with contextlib.ExitStack() as folders, channel.makefile("rb") as requests:
        root = None
        for request in requests:
            fields = parsed_line(request)
            target = Target(Path(fields["path"]), tuple(fields["names"]), fields["asked"])
            channel.sendall(line(started=True))
            if fields["afresh"]:
                root = None
                if fields["cwd"] is not None:
                    os.chdir(fields["cwd"])
            here, root = root, import_root(target.path)
            if here != root:
                folders.close()  # a context for the files of one folder
                sys.path[:] = fields["python_path"]
            if _answer(channel, target, fields, folders if here != root else None):
                break
    os._exit(0)


def started() -> NoReturn:
    """A child that was started as a program of its own: `channel` is the number of its socket."""
    serve(socket.socket(fileno=int(sys.argv[1])))


def _stand_alone() -> None:
    """In a process group of its own, without a terminal; what is printed goes to stderr."""
    with contextlib.suppress(OSError):
        os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STDIN)
    os.dup2(STDERR, STDOUT)
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = open(STDERR, "w", buffering=1, errors="backslashreplace", closefd=False)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.disable()  # its end is told by a finding


def _answer(channel: socket.socket, target: Target, fields: Fields, folders: contextlib.ExitStack | None) -> bool:
    """Run a file, and say what comes of it. Whether no other file may be run here."""
    path, timeout = str(target.path), fields["timeout"]

    def late(frame: FrameType | None) -> NoReturn:
        channel.sendall(line(done=[packed(endless(path, timeout, site_in(path, frame)))], last=True))
        os._exit(0)

    before = set(threading.enumerate())
    try:
        if folders is not None:
            folders.enter_context(folder_on_path(import_root(target.path)))
        unit = unit_of(target, timeout, late)
    except Exception as error:  # its folder is gone, say
        finding = refused(path, f"`{shown_path(path)}` cannot be loaded: {type(error).__name__}: {said(error)}")
        channel.sendall(line(done=[packed(finding)], last=True))
        return True
    left = list(_left_behind(path, before))
    channel.sendall(line(imported=True))
    for cell in findings_of_cells(unit, check=fields["check"]) if not left else ():
        channel.sendall(line(cell=packed_cell(cell)))
    last = bool(left) or set(threading.enumerate()) != before
    channel.sendall(line(done=[packed(finding) for finding in (*unit.findings, *left)], last=last))
    return last


def _left_behind(path: str, before: set[threading.Thread]) -> Iterator[Diagnostic]:
    """Findings about what a file leaves: a program that loaded it would wait for it, or could say nothing more."""
    name = shown_path(path)
    help_ = "a specification only declares; do this where its models are used"
    for thread in [one for one in threading.enumerate() if one not in before and not one.daemon]:
        thread.join(PATIENCE)
        if thread.is_alive():
            yield refused(path, f"`{name}` leaves a thread running: `{thread.name}`", help_)
            break
    if _has_children():
        yield refused(path, f"`{name}` leaves a process running", help_)
    if any(stream.closed for stream in (sys.stdout, sys.stderr)) or not all(map(_is_open, range(3))):
        yield refused(path, f"`{name}` closes a standard stream, which is not its own", help_)


def _has_children() -> bool:
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(PATIENCE / 20)
        return True
    return False


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
