"""For people: code, place, the line with a caret, facts, help; coloured as rustc colours, where that is wanted."""

from __future__ import annotations

import re

import click

from ..diagnostics import Diagnostic, Severity, render
from ._report import Report

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
GUTTER = "blue"


def text(report: Report, *, colour: bool = False) -> str:
    """Every finding, then what was checked."""
    return "\n\n".join([*(shown(finding, colour=colour) for finding in report.findings), report.summary])


def shown(finding: Diagnostic, *, colour: bool = False) -> str:
    """One finding. Colours add to its plain text and change nothing of it."""
    plain = render(finding)
    return _coloured(plain, COLOURS[finding.code.severity]) if colour else plain


def _coloured(plain: str, weight: str) -> str:
    head, *rest = plain.split("\n")
    label, _, message = head.partition(": ")
    lines = [f"{click.style(label, fg=weight, bold=True)}{click.style(f': {message}', bold=True)}"]
    return "\n".join([*lines, *(_coloured_line(line, weight) for line in rest)])


def _coloured_line(line: str, weight: str) -> str:
    match = re.match(r"(\s*(?:-->|= help:|=|\d* \|))(.*)", line)
    if match is None:
        return line
    gutter, body = match.groups()
    caret = re.match(r"(\s*\^+)(.*)", body) if gutter.strip() == "|" else None
    if caret is not None:
        body = click.style(caret[1], fg=weight, bold=True) + (click.style(caret[2], fg=weight) if caret[2] else "")
    return click.style(gutter, fg=GUTTER, bold=True) + body
