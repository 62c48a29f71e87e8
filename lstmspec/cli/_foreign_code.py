"""Other people's code as the command line names it: `torch.nn:LSTM(n, k)`, `mine.py:make(n, k, bias=False)`."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from ..auditor import UnreadableCode, code_name
from ..diagnostics import SpecError, printable
from ..loading import folder_on_path, is_installed, module_of, place_of_module, tried

TIMEOUT = 60.0  # seconds to import and make code: libraries are large


def made(text: str, sizes: Mapping[str, int]) -> tuple[Any, Mapping[str, Any] | None, str]:
    """What a MODULE names, made: the code, its arrays if it is a function, and what to call it.

    Raises:
        UsageError: it cannot be read, imported or made, with what came of it.
        SpecError: LS213 for a file of the user's that does not come through in a child.

    """
    try:
        name = code_name(text, sizes)
    except UnreadableCode as error:
        raise click.UsageError(f"`{printable(error.subject)}` {error.why}") from error
    if (file := _users_file(name.place)) is not None:

        def run() -> None:
            with contextlib.suppress(Exception, SystemExit):  # they are told of where it runs in this process
                name.made(_module(name.place))

        if findings := tried(file, run, TIMEOUT):
            raise SpecError(findings)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for findings
            code, arrays = name.made(_module(name.place))
    except (Exception, SystemExit) as error:  # somebody else's code may raise anything
        message = f"`{printable(text)}` cannot be made: {type(error).__name__}: {printable(str(error))}"
        raise click.UsageError(f"{message}; sizes are {', '.join(f'{n} = {s}' for n, s in sizes.items())}") from error
    return code, arrays, name.call


def _users_file(place: str) -> Path | None:
    """The file of code that is none of an installed package."""
    path = Path(os.path.abspath(place)) if place.endswith(".py") or os.sep in place else place_of_module(place)
    if path is not None and path.is_dir():
        path /= "__init__.py"
    return path if path is not None and path.is_file() and not is_installed(str(path)) else None


def _module(place: str) -> ModuleType:
    if place.endswith(".py") or os.sep in place:
        path = Path(os.path.abspath(place))
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {place}")
        with folder_on_path(path.parent):
            return module_of(path)
    sys.path.insert(0, os.getcwd())  # as `python -m` does; the installed command does not
    try:
        return importlib.import_module(place)
    finally:
        sys.path.remove(os.getcwd())
