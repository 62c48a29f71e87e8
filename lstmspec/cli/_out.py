"""Where text goes: in colour to a terminal, plain anywhere else, and never with a character that breaks the stream."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from ..cell import CellMeta
from ..diagnostics import SpecError
from ..loading import load, settings_from
from ..render import Report, shown

AUTO, ALWAYS, NEVER = "auto", "always", "never"


def in_colour(when: str, *, err: bool = False) -> bool:
    """Whether to colour: when asked to, else on a terminal, unless NO_COLOR (no-color.org) is set to anything."""
    if when != AUTO:
        return when == ALWAYS
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str, *, err: bool = False, colour: bool = False, nl: bool = True) -> None:
    """Print text; what the stream cannot encode, or is no character at all, as its escape."""
    encoding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err, color=colour, nl=nl)


def loaded(specs: tuple[str, ...]) -> list[CellMeta]:
    """The cells that SPECs name; prints findings and exits where there are any."""
    try:
        return load(specs, settings_from(Path.cwd()).timeout)
    except SpecError as error:
        stop(error)


def stop(error: SpecError) -> NoReturn:
    """Print findings to stderr, and exit as `check` would."""
    colour = in_colour(AUTO, err=True)
    text = "\n\n".join(shown(diagnostic, colour=colour) for diagnostic in error.diagnostics)
    say(text, err=True, colour=colour)
    sys.exit(Report(error.diagnostics).exit_code)
