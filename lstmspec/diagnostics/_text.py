"""Diagnostics as text, in rustc's form: code, place, the line with a caret, facts, help."""

from __future__ import annotations

from ._diagnostic import Diagnostic
from ._site import Site


def where(site: Site | None) -> str:
    """`file:line` of a site, for the middle of a sentence."""
    return str(site.place) if site is not None else "an unknown place"


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as plain text, without a newline at the end."""
    lines = [f"error[{diagnostic.code.name}]: {diagnostic.message}"]
    gutter = " "
    if diagnostic.site is not None:
        place = diagnostic.site.place
        gutter = " " * len(str(place.line))
        column = "" if place.column is None else f":{place.column + 1}"
        lines.append(f"{gutter}--> {place.file_shown}:{place.line}{column}")
        if place.source:
            lines += [f"{gutter} |", f"{place.line} | {place.source}"]
            caret = _caret(place.source, place.column, place.end_column, diagnostic.label)
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
