"""Ctrl-C while the command imports what it needs: it ends as it does later, with a line and exit code 130.

To import the package takes about a second, and nothing of the command line is there before. A program that imports the
package for itself is left alone.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

CODE = 130  # as shells have it: 128 and the number of the signal
WORD = "Aborted!"
_PACKAGE = __name__.partition(".")[0]


def end_quietly() -> None:
    """Let Ctrl-C end this process with a line, if it is the command and nobody has other plans."""
    if _is_command(sys.orig_argv) and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let it raise KeyboardInterrupt from now on."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_command(words: list[str]) -> bool:
    """Whether a command line is `python -m lstmspec` or the installed script."""
    script = next((word for word in words[1:] if not word.startswith("-")), "")
    name = os.path.basename(script).removesuffix(".exe")
    return name == _PACKAGE and (script != name or "-m" in words)


def _end(*_: object) -> NoReturn:
    os.write(2, f"{WORD}\n".encode())
    os._exit(CODE)
