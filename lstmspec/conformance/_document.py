"""The table in the documentation of the built-in cells: a row a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from ..cell import CellMeta
from ..documents import MEASUREMENTS, Document, markdown, power_of_ten
from ..zoo.counterparts import PAPER, UNSTABILISED
from ._trial import KINDS, Compared

DOCUMENT = Document(
    MEASUREMENTS,
    "<!-- conformance: written by scripts/conform.py --write -->",
    "<!-- end of conformance -->",
)
LEAST = 1e-14  # below it a digit says more of the machine than of the cell
HEAD = ("cell", "states", "compared with", "difference")


def table(results: Sequence[Compared], cells: Mapping[str, CellMeta]) -> str:
    """The table as Markdown, from all results of some cells."""
    rows = []
    for name, group in groupby(results, key=lambda result: result.cell):
        own = list(group)
        shapes = cells[name].shapes.of
        states = ", ".join(f"`{state}` ({', '.join(map(str, shapes[state]))})" for state in cells[name].system.states)
        exact = [result for result in own if not result.counterpart.single and not result.counterpart.differs]
        largest = rounded([result.error(kind) for result in exact for kind in KINDS])
        rows.append((f"`{name}`", states, "; ".join(map(_named, own)), largest))
    return markdown(HEAD, rows)


def _named(result: Compared) -> str:
    one = result.counterpart
    if one.differs:
        return f"{one.name} differs: {one.differs}"
    if one.single:
        return f"{one.name} ({rounded([result.error('outputs'), result.error('states')])})"
    return {PAPER: "the paper", UNSTABILISED: "its unstabilised form"}.get(one.name, one.name)


def rounded(errors: Sequence[float | None]) -> str:
    """The largest error, rounded up to a power of ten."""
    return power_of_ten(max((error for error in errors if error is not None), default=0.0), LEAST)
