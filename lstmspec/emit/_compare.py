"""Generated files against what is on disk: what differs, what is left over, and both as a diff."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..diagnostics import one_line, printable
from ._generate import Generated
from ._leftovers import Leftover, leftovers, unknown_models
from ._sources import SOURCES, Sources, foreign_line, record, recorded
from ._survey import Found, Standing, require_usable, survey

_END = "\\ No newline at end of file\n"


@dataclass(frozen=True)
class Comparison:
    """What a folder has, and what it should have.

    Attributes:
        texts: Relative path → the text that belongs there.
        found: What stands there, in the same order.
        left: What stands there and belongs nowhere.
        unknown: The folders of models of which no run wrote down where their cells are declared.

    """

    texts: Mapping[str, str]
    found: tuple[Found, ...]
    left: tuple[Leftover, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Found, ...]:
        """What is not as it should be."""
        return tuple(one for one in self.found if one.standing is not Standing.CURRENT)

    @property
    def clean(self) -> bool:
        """Whether there is nothing to write and nothing to remove."""
        return not (self.changed or self.left)


def compare(generated: Generated, folder: Path, sources: Sources | None = None, *, prune: bool = False) -> Comparison:
    """What a folder has, and what it should have. Raises OSError where it cannot be a folder."""
    require_usable(folder)
    if sources is None:
        return Comparison(generated.files, survey(generated.files, folder))
    known = recorded(folder)
    left = leftovers([*generated.files, SOURCES], folder, known, sources)
    cells = {module: sources.of[name] for module, name in generated.cells.items() if name in sources.of}
    gone = [name for name, source in known.items() if sources.claims(source) and name not in generated.cells]
    kept = [] if prune else [one.path for one in left]
    texts = {**generated.files, SOURCES: record(cells, known, [name for name in gone if name not in kept])}
    rivals = {name: known[name] for name in cells if known.get(name) not in (None, cells[name])}
    rivals = {name: source for name, source in rivals.items() if sources.elsewhere(source)}
    found = [_rival(_of_record(one), rivals) for one in survey(texts, folder)]
    return Comparison(texts, tuple(found), left, unknown_models(folder, {**known, **cells}))


def _of_record(found: Found) -> Found:
    """A record of sources has no digest: it is a user's where a line of it is."""
    if found.path != SOURCES or found.standing is not Standing.EDITED:
        return found
    if (line := foreign_line(found.text or "")) is not None:
        return replace(found, detail=f"a line that lstmspec did not write would be lost: `{one_line(line)}`")
    return replace(found, standing=Standing.STALE, detail="")


def _rival(found: Found, rivals: Mapping[str, str]) -> Found:
    """A model of the same name that another specification declares is not stale."""
    source = rivals.get(found.path.partition("/")[0])
    if source is None or found.standing is not Standing.STALE:
        return found
    return replace(found, standing=Standing.RIVAL, detail=f"{source}, which is still there")


def difference(comparison: Comparison, folder: Path) -> str:
    """A unified diff from what is on disk to what should be, a line for what is left over; empty for no difference."""
    name = _shown(folder.name or Path(os.path.abspath(folder)).name)
    lines: list[str] = []
    for one in comparison.changed:
        if one.text is not None or one.standing in (Standing.MISSING, Standing.SHADOW, Standing.PROJECT):
            label = f"{name}/{one.path}"
            before, after = _lines(one.text or ""), _lines(comparison.texts[one.path])
            lines += difflib.unified_diff(before, after, "/dev/null" if one.text is None else label, label)
    lines += [f"Only in {name}: {_shown(one.path)}\n" for one in comparison.left]
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """The lines of a text, each with its end, and a mark where the last one has none."""
    lines = [f"{_shown(line)}\n" for line in text.split("\n")]
    last = lines.pop()
    return [*lines, f"{last}{_END}"] if last != "\n" else lines


def _shown(line: str) -> str:
    """A line without what a terminal would obey."""
    return printable(line, keep="\t")
