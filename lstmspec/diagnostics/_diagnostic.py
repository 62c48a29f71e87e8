"""A diagnostic is a value; only the outermost call prints or raises it.

As text it has rustc's form: code, place, the line with a caret, facts, help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._codes import Code
from ._site import Site, shown_path


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text to put in the place of the expression at a site."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: Its stable code.
        message: What is wrong, in one line, without the place.
        site: Where; None when the finding has no line of its own.
        cell: The cell it is about.
        equation: The equation it is about, if one.
        label: What stands beside the caret: the operands with their shapes.
        notes: Facts that explain it, each a line.
        help: What would be right.
        mend: The help as edits of the source, where it can be put so: all of them together make this finding go away.

    """

    code: Code
    message: str
    site: Site | None = None
    cell: str = ""
    equation: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    mend: tuple[Replacement, ...] = ()

    def __str__(self) -> str:
        return render(self)


class SpecError(Exception):
    """Raised by the outermost call when there are findings; `diagnostics` has them as values."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n" + "\n\n".join(str(diagnostic) for diagnostic in self.diagnostics))


def where(site: Site | None) -> str:
    """`file:line` of a site, for the middle of a sentence."""
    return str(site) if site is not None else "an unknown place"


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as plain text, without a newline at the end."""
    lines = [f"{diagnostic.code.severity.value}[{diagnostic.code.name}]: {diagnostic.message}"]
    gutter = " "
    if diagnostic.site is not None:
        place = diagnostic.site.place
        gutter = " " * len(str(place.line))
        column = "" if place.column is None else f":{place.column + 1}"
        lines.append(f"{gutter}--> {shown_path(place.file)}:{place.line}{column}")
        if place.source:
            lines += [f"{gutter} |", f"{place.line} | {place.source}"]
            # An expression over several lines is shown by its first one.
            end = place.end_column if place.end_line == place.line else len(place.source)
            caret = _caret(place.source, place.column, end, diagnostic.label)
            lines += [f"{gutter} | {caret}"] if caret else []
    if diagnostic.cell:
        equation = f", equation `{diagnostic.equation}`" if diagnostic.equation else ""
        lines.append(f"{gutter} = in cell `{diagnostic.cell}`{equation}")
    lines += [f"{gutter} = {note}" for note in diagnostic.notes]
    lines += [f"{gutter} = help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join(lines)


def _caret(source: str, column: int | None, end: int | None, label: str) -> str:
    if column is None or end is None:
        return label
    blank = "".join("\t" if character == "\t" else " " for character in source[:column])
    return f"{blank}{'^' * max(1, end - column)} {label}".rstrip()
