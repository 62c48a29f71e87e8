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
from ..diagnostics import printable
from ..loading import folder_on_path, module_of


def made(text: str, sizes: Mapping[str, int]) -> tuple[Any, Mapping[str, Any] | None, str]:
    """What a MODULE names, made: the code, its arrays if it is a function, and what to call it.

    Raises:
        UsageError: it cannot be read, imported or made, with what came of it.

    """
    try:
        name = code_name(text, sizes)
    except UnreadableCode as error:
        raise click.UsageError(f"`{printable(error.subject)}` {error.why}") from error
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for findings
            code, arrays = name.made(_module(name.place))
    except (Exception, SystemExit) as error:  # somebody else's code may raise anything
        message = f"`{printable(text)}` cannot be made: {type(error).__name__}: {printable(str(error))}"
        raise click.UsageError(f"{message}; sizes are {', '.join(f'{n} = {s}' for n, s in sizes.items())}") from error
    return code, arrays, name.call


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
