"""To run somebody's file: it may print, loop, exit, or raise anything, and what comes of it is a finding."""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Any, NoReturn

from ..diagnostics import Code, Diagnostic, Site, SpecError, printable, shown_path
from ._file_sites import of_syntax, whole
from ._time_limit import Endless, Watch

STDOUT, STDERR = 1, 2
LINES, WIDTH = 20, 500  # of an error's message: what is longer is data
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def attempt(
    path: str,
    action: Callable[[], None],
    timeout: float,
    late: Callable[[FrameType | None], NoReturn] | None = None,
    *,
    lasting: bool = False,
) -> tuple[Diagnostic, ...]:
    """What there is to say about running a file: nothing, the findings that it raises, or why it stopped.

    What it prints goes to stderr: stdout is for findings. It has no stdin. The working directory is put back. A copy of
    this process that the file makes ends with the file.

    Args:
        path: The file.
        action: What runs it.
        timeout: Seconds that it may take.
        late: What is done when they are over; by default the file is stopped by an exception.
        lasting: Whether this process goes on with what the file made, in the surroundings that it made for it.

    Raises:
        KeyboardInterrupt: the user asked for it; one that the file raises is a finding.

    """
    watch, process = Watch(timeout, late), os.getpid()
    try:
        with stdout_as_stderr(), contextlib.nullcontext() if lasting else _kept(), watch:
            action()
    except SpecError as error:
        return sited(path, error)
    except BaseException as error:
        if watch.interrupted:
            raise KeyboardInterrupt from error
        trace = error.__traceback__
        return (endless(path, timeout, _innermost(path, trace)) if isinstance(error, Endless) else failed(path, error),)
    finally:
        if os.getpid() != process:
            os._exit(0)
    return ()


def sited(path: str, error: SpecError) -> tuple[Diagnostic, ...]:
    """The findings of an error; those without a place stand where the user's file was."""
    site = _innermost(path, error.__traceback__)
    return tuple(found if found.site is not None else replace(found, site=site) for found in error.diagnostics)


def refused(path: str, message: str, help_: str = "", notes: tuple[str, ...] = ()) -> Diagnostic:
    """A file or folder that cannot be loaded, whatever stands in it."""
    return Diagnostic(Code.LS213, message, whole(path), notes=notes, help=help_)


def endless(path: str, timeout: float, site: Site | None = None) -> Diagnostic:
    """The finding about a file that takes too long, with the place where it stood if that is known."""
    message = f"`{shown_path(path)}` did not finish importing in {timeout:g} s"
    help_ = "a specification only declares; `timeout` in [tool.lstmspec] gives a slow one more time"
    notes = ("this is where it stood",) if site is not None else ()
    return Diagnostic(Code.LS213, message, site or whole(path), notes=notes, help=help_)


def failed(path: str, error: BaseException, what: str = "") -> Diagnostic:
    """An error as Python itself words it, at the innermost line of the user's that it came through."""
    site, file = _innermost(path, error.__traceback__), path
    if isinstance(error, SyntaxError) and error.filename and _is_users(error.filename, path):
        site, file = of_syntax(error.filename, error), error.filename
    elif site is not None:
        file = site.place.file
    first, *rest = _worded(error)
    message = f"{what or f'`{shown_path(file)}` cannot be imported'}: {first}"
    return Diagnostic(Code.LS213, message, site or whole(path), notes=tuple(rest))


def _worded(error: BaseException) -> list[str]:
    """The lines of an error's message, the first one with its type."""
    name = type(error).__name__
    if isinstance(error, SyntaxError):  # Python's text has the place and the source, which a finding shows itself
        return [printable(f"{name}: {error.msg}", WIDTH)]
    try:
        text = "".join(traceback.TracebackException.from_exception(error).format_exception_only())
    except Exception:  # a __str__ may do anything
        text = name
    return [printable(line, WIDTH) for line in text.splitlines()[:LINES] if line.strip()] or [name]


def _innermost(path: str, trace: TracebackType | None) -> Site | None:
    found = None
    while trace is not None:
        if _is_users(trace.tb_frame.f_code.co_filename, path):
            found = Site(trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    return found


def site_in(path: str, frame: FrameType | None) -> Site | None:
    """Where the user's code stands in what is running."""
    while frame is not None and not _is_users(frame.f_code.co_filename, path):
        frame = frame.f_back
    return None if frame is None else Site(frame.f_code, frame.f_lasti, frame.f_lineno)


def _is_users(file: str, path: str) -> bool:
    return file == path or not is_installed(file)


def is_installed(file: str) -> bool:
    """Whether a file is none of the user's: Python's own, a package's, this package's, or no file at all."""
    if file.startswith("<") or "site-packages" in file or "dist-packages" in file:
        return True
    return any(file.startswith(os.path.join(folder, "")) for folder in (*_INSTALLED, _PACKAGE))


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """What a file may change and the next one relies on; and no stdin, so that a question gets EOFError at once.

    What it wants done at the end of its program is not done: it would be this program's.
    """
    stdin, depth, environment, register = sys.stdin, sys.getrecursionlimit(), dict(os.environ), atexit.register
    lists: list[list[Any]] = [sys.path, sys.meta_path, sys.path_hooks]
    before, folder = [list(one) for one in lists], ""
    with contextlib.suppress(OSError):  # it may be gone
        folder = os.getcwd()
    sys.stdin = io.StringIO()
    atexit.register = _registered_by_others(register)
    try:
        yield
    finally:
        sys.stdin, atexit.register = stdin, register
        for one, was in zip(lists, before, strict=True):
            one[:] = was
        if environment != dict(os.environ):
            os.environ.clear()
            os.environ.update(environment)
        sys.setrecursionlimit(depth)
        with contextlib.suppress(OSError):
            os.chdir(folder)


def _registered_by_others(register: Any) -> Any:
    """`atexit.register` for what is no file of the user's: a library tidies up after itself."""

    def registered(function: Any, /, *args: Any, **options: Any) -> Any:
        file = sys._getframe(1).f_code.co_filename
        return function if not is_installed(file) else register(function, *args, **options)

    return registered


@contextlib.contextmanager
def stdout_as_stderr() -> Iterator[None]:
    """What Python prints goes to stderr, and what a child process or a C library prints too."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError):  # a process may have no stdout
            kept = os.dup(STDOUT)
            stack.callback(os.close, kept)
            os.dup2(STDERR, STDOUT)
            stack.callback(os.dup2, kept, STDOUT)
        yield
