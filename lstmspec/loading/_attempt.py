"""To run somebody's file: it may print, loop, exit, or raise anything, and what comes of it is a finding."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..diagnostics import Code, Diagnostic, Site, SpecError, shown_path
from ._file_sites import of_syntax, whole
from ._time_limit import Endless, Watch

STDOUT, STDERR = 1, 2
LINES, WIDTH = 20, 500  # of an error's message: what is longer is data
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def attempt(path: str, action: Callable[[], None], timeout: float) -> tuple[Diagnostic, ...]:
    """What there is to say about running a file: nothing, the findings that it raises, or why it stopped.

    What it prints goes to stderr: stdout is for findings. It has no stdin. The working directory is put back.

    Raises:
        KeyboardInterrupt: the user asked for it; one that the file raises is a finding.

    """
    watch = Watch(timeout)
    try:
        with _stdout_as_stderr(), _kept(), contextlib.chdir("."), watch:
            action()
    except SpecError as error:
        site = _innermost(path, error)
        return tuple(found if found.site is not None else replace(found, site=site) for found in error.diagnostics)
    except BaseException as error:
        if watch.interrupted:
            raise KeyboardInterrupt from error
        late = isinstance(error, Endless) or (watch.fired and isinstance(error, KeyboardInterrupt))
        return (_endless(path, error, timeout) if late else _failed(path, error),)
    return ()


def refused(path: str, message: str, help_: str = "", notes: tuple[str, ...] = ()) -> Diagnostic:
    """A file or folder that cannot be loaded, whatever stands in it."""
    return Diagnostic(Code.LS213, message, whole(path), notes=notes, help=help_)


def _endless(path: str, error: BaseException, timeout: float) -> Diagnostic:
    site = _innermost(path, error)
    message = f"`{shown_path(path)}` did not finish importing in {timeout:g} s"
    help_ = "a specification only declares; give a slow one more time with --timeout SECONDS"
    notes = ("this is where it stood",) if site is not None else ()
    return Diagnostic(Code.LS213, message, site or whole(path), notes=notes, help=help_)


def _failed(path: str, error: BaseException) -> Diagnostic:
    """An error as Python itself words it, at the innermost line of the user's that it came through."""
    site, file = _innermost(path, error), path
    if isinstance(error, SyntaxError) and error.filename and _is_users(error.filename, path):
        site, file = of_syntax(error.filename, error), error.filename
    elif site is not None:
        file = site.place.file
    first, *rest = _worded(error)
    message = f"`{shown_path(file)}` cannot be imported: {first}"
    return Diagnostic(Code.LS213, message, site or whole(path), notes=tuple(rest))


def _worded(error: BaseException) -> list[str]:
    """The lines of an error's message, the first one with its type."""
    name = type(error).__name__
    if isinstance(error, SyntaxError):  # Python's text has the place and the source, which a finding shows itself
        return [printable(f"{name}: {error.msg}")]
    try:
        text = "".join(traceback.TracebackException.from_exception(error).format_exception_only())
    except Exception:  # a __str__ may do anything
        text = name
    return [printable(line) for line in text.splitlines()[:LINES] if line.strip()] or [name]


def printable(text: str) -> str:
    """A line of text without what a terminal would obey, and not without end."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: WIDTH + 1])
    return shown if len(text) <= WIDTH else f"{shown[:WIDTH]} …"


def _innermost(path: str, error: BaseException) -> Site | None:
    trace, found = error.__traceback__, None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if _is_users(file, path):
            found = Site(trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _is_users(file: str, path: str) -> bool:
    return file == path or not is_installed(file)


def is_installed(file: str) -> bool:
    """Whether a file is none of the user's: Python's own, a package's, this package's, or no file at all."""
    if file.startswith("<") or "site-packages" in file or "dist-packages" in file:
        return True
    return any(file.startswith(os.path.join(folder, "")) for folder in (*_INSTALLED, _PACKAGE))


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """What a file may change and the next one relies on; and no stdin, so that a question gets EOFError at once."""
    stdin, path, depth = sys.stdin, list(sys.path), sys.getrecursionlimit()
    sys.stdin = io.StringIO()
    try:
        yield
    finally:
        sys.stdin, sys.path[:] = stdin, path
        sys.setrecursionlimit(depth)


@contextlib.contextmanager
def _stdout_as_stderr() -> Iterator[None]:
    """What Python prints goes to stderr, and what a child process or a C library prints too."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError):  # a process may have no stdout
            kept = os.dup(STDOUT)
            stack.callback(os.close, kept)
            os.dup2(STDERR, STDOUT)
            stack.callback(os.dup2, kept, STDOUT)
        yield
