"""The table in the documentation: a row a cell, between two marks, with digits that do not depend on the machine."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from lstmspec import CellMeta

from .rows import PAPER, UNSTABILISED
from .trial import KINDS, Result

START, END = "<!-- conformance: written by scripts/conform.py --write -->", "<!-- end of conformance -->"
LEAST = 1e-14  # below it a digit says more of the machine than of the cell
HEAD = ("cell", "states", "compared with", "difference")


class NoMarksError(ValueError):
    """A text has no place for the table."""


def table(results: Sequence[Result], cells: Mapping[str, CellMeta]) -> str:
    """The table as Markdown, from all results of some cells."""
    rows = [HEAD, ("---",) * len(HEAD)]
    for name, group in groupby(results, key=lambda result: result.cell):
        own = list(group)
        shapes = cells[name].shapes.of
        states = ", ".join(f"`{state}` ({', '.join(map(str, shapes[state]))})" for state in cells[name].system.states)
        exact = [result for result in own if not result.oracle.single and not result.oracle.differs]
        largest = rounded([result.error(kind) for result in exact for kind in KINDS])
        rows.append((f"`{name}`", states, "; ".join(map(_named, own)), largest))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _named(result: Result) -> str:
    if result.oracle.differs:
        return f"{result.oracle.name} differs: {result.oracle.differs}"
    if result.oracle.single:
        return f"{result.oracle.name} ({rounded([result.error('outputs'), result.error('states')])})"
    return {PAPER: "the paper", UNSTABILISED: "its unstabilised form"}.get(result.oracle.name, result.oracle.name)


def rounded(errors: Sequence[float | None]) -> str:
    """The largest error, rounded up to a power of ten."""
    largest = max((error for error in errors if error is not None), default=0.0)
    return f"1e{math.ceil(math.log10(max(largest, LEAST)) - 1e-9)}"


def written(text: str, table: str) -> str:
    """The text with the table between its marks. Raises NoMarksError."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise NoMarksError(f"no place for the table: it needs a line `{START}` and a line `{END}`")
    return f"{before}{start}\n{table}\n{end}{after}"


def stale(text: str, table: str) -> list[str]:
    """What of the table in a text is not that of now, as a diff; digits may be others. Raises NoMarksError."""
    old, new = (_without_digits(part).splitlines() for part in (text, written(text, table)))
    return list(difflib.unified_diff(old, new, "documented", "measured", "", "", 0, ""))


def _without_digits(text: str) -> str:
    return re.sub(r"\b1e-\d+\b", "1e-…", text)
