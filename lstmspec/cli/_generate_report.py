"""What `lstmspec generate` says: of what it wrote, of what it found, and of what it would not replace."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..diagnostics import printable
from ..emit import Comparison, Found, Standing, Written
from ..render import counted

FEW = 8  # names in one line
DEFAULT = "generated"


def done(written: Written, out: Path) -> Iterator[str]:
    """A line for the run, one for each leftover, each file in those that was kept, and each model of nobody's."""
    gone = [leftover for leftover in written.removed if leftover.files or not leftover.kept]
    removed = f", {counted(len(gone), 'leftover')} removed" if gone else ""
    yield f"{_shown(out)}: {counted(written.total, 'file')}, {len(written.files)} written{removed}"
    for leftover in written.removed:
        if leftover in gone:
            yield f"removed: {_shown(out / leftover.path)}: {printable(leftover.why)}"
        yield from (f"kept: {_shown(out / path)}: {printable(reason)}" for path, reason in leftover.kept.items())
    for leftover in written.left:
        yield f"left over: {_shown(out / leftover.path)}: {printable(leftover.why)}; --prune removes it"
    yield from unknown(written.unknown, out)


def unknown(names: Iterable[str], out: Path) -> Iterator[str]:
    """A line for each model that may be anybody's."""
    for name in names:
        mend = "generate its SPEC too, or delete the folder"
        yield f"unknown: {_shown(out / name)}: no run wrote down where its cell is declared; {mend}"


def summary(found: Comparison, out: Path) -> Iterator[str]:
    """A line for each kind of difference."""
    for standing in Standing:
        some = [one.path for one in found.changed if one.standing is standing]
        if some:
            yield f"{_shown(out)}: {counted(len(some), 'file')} {standing.value}: {_few(some)}"
    if found.left:
        some = [f"{leftover.path} ({leftover.why})" for leftover in found.left]
        yield f"{_shown(out)}: {len(some)} left over: {_few(some)}"


def refusal(found: Sequence[Found], out: Path) -> Iterator[str]:
    """Which files stand in the way, each with the reason, and what can be done."""
    yield f"error: nothing was written into {_shown(out)}, because of {counted(len(found), 'file')}:"
    yield from (f"  {_shown(out / one.path)}: {printable(one.reason)}" for one in found)
    if any(one.standing.blocks for one in found):
        yield "help: move away what stands in the way, or say another folder: --out DIR"
    else:
        if any(one.standing is Standing.RIVAL for one in found):
            yield "help: rename one of the cells; if it has moved, name both sources in one run"
        yield "help: --force replaces them; --check shows a diff; --out DIR writes into another folder"


def command(specs: Iterable[str], out: Path, found: Comparison, backends: Iterable[str] = ()) -> str:
    """The command after which the folder is as it should be."""
    options = ["--out", str(out)] if str(out) != DEFAULT else []
    options += [word for name in backends for word in ("--backend", name)]
    options += ["--force"] if any(one.standing.asks for one in found.changed) else []
    options += ["--prune"] if found.left else []
    return printable(shlex.join(["lstmspec", "generate", *specs, *options]))


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(printable(name) for name in islice(names, FEW)) + more


def _shown(path: Path) -> str:
    return printable(str(path))
