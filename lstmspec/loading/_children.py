"""The side of the parent: it runs nobody's code, and hears from workers what came of each file.

Where there is no fork, on Windows, files run in this process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic
from ._attempt import stdout_as_stderr
from ._child import Action
from ._file_cells import unit_of
from ._file_findings import FileFindings, findings_of_cells
from ._modules import folder_on_path
from ._pool import Limits, Pool, can_fork
from ._sources import import_root
from ._specs import Target

CHECKING = 60.0  # seconds for a cell, once its file is run


def findings_of_files(targets: Sequence[Target], timeout: float, *, check: bool) -> Iterator[FileFindings]:
    """What there is to say about files, in their order.

    Args:
        targets: The files.
        timeout: Seconds that each may take to run.
        check: Whether their cells are checked too.

    """
    if not hasattr(os, "fork"):
        yield from (_in_this_process(target, timeout, check) for target in targets)
        return
    pool = Pool(targets, Limits(timeout, CHECKING), check)
    try:
        for place in range(len(targets)):
            while place not in pool.found:
                pool.step()
            yield pool.found.pop(place)
    finally:
        pool.close()


@dataclass(frozen=True)
class Outcome:
    """What came of an action in a process of its own.

    Attributes:
        result: The text that it gives; None where it did not come to that.
        made: Whether its first half came through.
        fault: Why there is no result; "" where findings say so.
        findings: About the file whose code did not come through.

    """

    result: str | None
    made: bool = True
    fault: str = ""
    findings: tuple[Diagnostic, ...] = ()


def apart(action: Action, limits: Limits) -> Outcome:
    """Do what runs somebody's code in a process of its own; in this one where none can be forked."""
    if not can_fork():
        with stdout_as_stderr():
            return Outcome(action.use(action.make()))
    pool = Pool([Target(action.path or Path.cwd())], limits, False, action)
    try:
        while not pool.found:
            pool.step()
    finally:
        pool.close()
    about_file = action.path is not None and not pool.made
    return Outcome(pool.result, pool.made, pool.fault, pool.found[0].findings if about_file else ())


def _in_this_process(target: Target, timeout: float, check: bool) -> FileFindings:
    with folder_on_path(import_root(target.path)):
        unit = unit_of(target, timeout)
        return FileFindings(unit.path, tuple(findings_of_cells(unit, check=check)), unit.findings)
