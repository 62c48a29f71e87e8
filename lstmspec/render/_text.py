"""For people: code, place, the line with a caret, facts, help; coloured as rustc colours, where that is wanted."""

from __future__ import annotations

import click

from ..diagnostics import Diagnostic, Severity, Style, lines, render
from ._report import Report

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
GUTTER = "blue"


def text(report: Report, *, colour: bool = False) -> str:
    """Every finding, then what was checked."""
    return "\n\n".join([*(shown(finding, colour=colour) for finding in report.findings), report.summary])


def shown(finding: Diagnostic, *, colour: bool = False) -> str:
    """One finding. Colours add to its plain text and change nothing of it."""
    if not colour:
        return render(finding)
    weight = COLOURS[finding.code.severity]
    return "\n".join("".join(_coloured(*piece, weight) for piece in line) for line in lines(finding))


def _coloured(style: Style, text: str, weight: str) -> str:
    match style:
        case Style.LABEL | Style.CARET:
            return click.style(text, fg=weight, bold=True)
        case Style.MESSAGE:
            return click.style(text, bold=True)
        case Style.GUTTER:
            return click.style(text, fg=GUTTER, bold=True)
        case Style.OPERANDS:
            return click.style(text, fg=weight)
        case Style.PLAIN:
            return text
