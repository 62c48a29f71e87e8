"""Where text goes: in colour to a terminal, plain anywhere else, and never with a character that breaks the stream."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import click

from ..cell import CellMeta
from ..diagnostics import Diagnostic, SpecError
from ..loading import load, load_units, settings_from
from ..render import FORMATS, Report, shown

AUTO, ALWAYS, NEVER = "auto", "always", "never"
TEXT = "text"  # the format for people


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


@dataclass
class Run:
    """The cells that SPECs name, and the findings that were printed: what is wrong with one hides no other.

    Attributes:
        cells: Those that could be declared.
        findings: What was printed so far, of files and of cells.

    """

    cells: list[CellMeta]
    findings: list[Diagnostic] = field(default_factory=list)

    @classmethod
    def of(cls, specs: tuple[str, ...]) -> Run:
        """Load what SPECs name, and print what there is to say about the files."""
        units = list(load_units(specs, settings_from(Path.cwd()).timeout))
        run = cls(list(dict.fromkeys(cell for unit in units for cell in unit.cells)))
        run._tell([finding for unit in units for finding in unit.findings])
        return run

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Print the findings of an error, and go on."""
        try:
            yield
        except SpecError as error:
            self._tell(list(error.diagnostics))

    def _tell(self, findings: list[Diagnostic]) -> None:
        if findings:
            tell(findings)
        self.findings += findings

    def end(self) -> NoReturn:
        """Exit as `check` would."""
        sys.exit(Report(self.findings).exit_code)


def show(body: str, kind: str, *, colour: bool = False) -> None:
    """Print findings in one of the formats. What programs read is UTF-8, whatever the stream's encoding."""
    if kind == TEXT or not hasattr(sys.stdout, "buffer"):
        say(body, colour=colour)
    else:
        click.echo(body.encode("utf-8", "backslashreplace"))


def loaded(specs: tuple[str, ...], kind: str = TEXT) -> list[CellMeta]:
    """The cells that SPECs name, all of which are needed; prints findings and exits where there are any."""
    try:
        return load(specs, settings_from(Path.cwd()).timeout)
    except SpecError as error:
        stop(error, kind)


def stop(error: SpecError, kind: str = TEXT) -> NoReturn:
    """Print findings, to stderr where people read them, and exit as `check` would."""
    if kind == TEXT:
        tell(error.diagnostics)
    elif body := FORMATS[kind](Report(error.diagnostics)):
        show(body, kind)
    sys.exit(Report(error.diagnostics).exit_code)


def end(text: str, code: int) -> NoReturn:
    """Say why a run ends, and exit."""
    say(text, err=True)
    sys.exit(code)


def tell(findings: Sequence[Diagnostic]) -> None:
    """Print findings to stderr."""
    colour = in_colour(AUTO, err=True)
    say("\n\n".join(shown(finding, colour=colour) for finding in findings), err=True, colour=colour)
