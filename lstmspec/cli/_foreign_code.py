"""Other people's code as the command line names it, `torch.nn:LSTM(n, k)` or `mine.py:make(n, k, bias=False)`.

It is imported, made and called in a process of its own, which it may end, crash, block or litter.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from ..auditor import CodeName, UnreadableCode, code_name
from ..diagnostics import SpecError, printable, said
from ..loading import Action, Limits, apart, is_installed, module_of, place_of_module, put_folder_on_path

LONGEST = 200  # characters of a MODULE that are shown
MAKING = 60.0  # seconds to import and make code: libraries are large
Made = tuple[Any, Mapping[str, Any] | None]  # the code, and its arrays if it is a function


def named(text: str, sizes: Mapping[str, int]) -> CodeName:
    """A MODULE, read. Raises UsageError."""
    try:
        return code_name(text, sizes)
    except UnreadableCode as error:
        raise click.UsageError(f"`{printable(error.subject, LONGEST)}` {error.why}") from error


def used(name: CodeName, text: str, use: Callable[[Made], object], seconds: float) -> tuple[Any, str]:
    """What is to be done with a MODULE, done where its code can do no harm.

    Args:
        name: The MODULE.
        text: As it was written.
        use: What is done with the code; its result is data for JSON.
        seconds: How long that may take.

    Returns:
        The result, and why there is none.

    Raises:
        UsageError: it cannot be imported or made, with what came of it.
        SpecError: LS213 for a file of the user's that does not come through.

    """
    unmade: list[str] = []

    def make() -> Made | None:
        try:
            with contextlib.redirect_stdout(sys.stderr):  # stdout is for findings
                return name.made(_module(name.place))
        except (Exception, SystemExit) as error:  # somebody else's code may raise anything
            unmade.append(f"{type(error).__name__}: {said(error)}")
            return None

    def answer(made: Made | None) -> str:
        return json.dumps({"unmade": unmade[0]} if made is None else {"result": use(made)})

    outcome = apart(Action(make, answer, _users_file(name.place)), Limits(MAKING, seconds))
    if outcome.findings:
        raise SpecError(outcome.findings)
    fields = json.loads(outcome.result) if outcome.result is not None else {}
    why = fields.get("unmade", "" if outcome.made else outcome.fault)
    if why:
        sizes = ", ".join(f"{n} = {size}" for n, size in name.sizes.items())
        raise click.UsageError(f"`{printable(text, LONGEST)}` cannot be made: {printable(why)}; sizes are {sizes}")
    return fields.get("result"), outcome.fault


def _users_file(place: str) -> Path | None:
    """The file of code that is none of an installed package."""
    path = Path(os.path.abspath(place)) if _is_path(place) else place_of_module(place)
    if path is not None and os.path.isdir(path):
        path /= "__init__.py"
    return path if path is not None and os.path.isfile(path) and not is_installed(str(path)) else None


def _is_path(place: str) -> bool:
    return place.endswith(".py") or os.sep in place


def _module(place: str) -> ModuleType:
    if _is_path(place):
        path = Path(os.path.abspath(place))
        if not os.path.isfile(path):
            raise FileNotFoundError(f"there is no file {place}")
        put_folder_on_path(path.parent)  # for good, as in a program of its own: code may import when it is called
        return module_of(path)
    sys.path.insert(0, os.getcwd())  # as `python -m` does; the installed command does not
    return importlib.import_module(place)
