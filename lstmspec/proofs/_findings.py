"""What a proof finds, as findings of the cell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..diagnostics import Code, Diagnostic
from ..language import System
from ._verify import Outcome, Proof

REPORT = "the equations are right: it is a fault of lstmspec, or of an operation or a backend that was added to it"
RANGES = "say where its arguments lie: verify --range x=0.1:0.9"
MOST = 5  # planted faults that are named


def findings(proof: Proof) -> tuple[Diagnostic, ...]:
    """LS501 for each check that fails, LS502 for what cannot be said, LS503 for planted faults that nothing shows."""
    system = proof.cell.system
    if not proof.has_values:
        return (_finding(system, Code.LS502, "no data were found at which all results are finite", help_=RANGES),)
    found = [finding for outcome in proof.outcomes for finding in _of_outcome(system, outcome)]
    if missed := [str(verdict.planted) for verdict in proof.faults if verdict.missed]:
        more = (f"and {len(missed) - MOST} more",) if len(missed) > MOST else ()
        message = f"{len(missed)} of {len(proof.faults)} planted faults change results by less than the checks allow"
        found.append(_finding(system, Code.LS503, message, (*missed[:MOST], *more), "bring terms to one scale"))
    return tuple(found)


def _of_outcome(system: System, outcome: Outcome) -> Iterator[Diagnostic]:
    if outcome.wrong:
        message = f"{outcome.model}: {len(outcome.wrong)} results have other shapes than are declared, at some sizes"
        yield _finding(system, Code.LS501, message, outcome.wrong[:MOST], REPORT)
    elif outcome.difference is None and outcome.check != "shapes":
        message = f"{outcome.model}: {outcome.check} cannot be compared: rounding errors or kinks outweigh everything"
        yield _finding(system, Code.LS502, message, help_=RANGES)
    elif outcome.difference is not None and not outcome.holds:
        bound = "" if np.isinf(outcome.difference.error) else f", more than {outcome.bound:.0e}"
        message = f"{outcome.model}: {outcome.check}: {outcome.difference}{bound}"
        yield _finding(system, Code.LS501, message, help_=REPORT)


def _finding(system: System, code: Code, message: str, notes: tuple[str, ...] = (), help_: str = "") -> Diagnostic:
    return Diagnostic(code, message, system.site, system.name, notes=notes, help=help_)
