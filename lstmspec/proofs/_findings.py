"""What a proof finds, as findings of the cell."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from ..diagnostics import Code, Diagnostic
from ..language import System
from ._verify import SHAPES, Outcome, Proof

REPORT = "the equations are right: it is a fault of lstmspec, or of an operation or a backend that was added to it"
MOST = 5  # planted faults that are named


def findings(proof: Proof) -> tuple[Diagnostic, ...]:
    """LS501 for each model that is wrong, LS502 for what cannot be said, LS503 for planted faults not seen."""
    system = proof.cell.system
    if not proof.has_values:
        return (
            _finding(
                system,
                Code.LS502,
                "no data were found at which all is finite and rounding matters little",
                help_=_ranges(system),
            ),
        )
    titles = list(dict.fromkeys(outcome.model for outcome in proof.outcomes))
    models = itertools.groupby(sorted(proof.outcomes, key=lambda one: titles.index(one.model)), lambda one: one.model)
    found = [finding for model, outcomes in models for finding in _of_model(system, model, tuple(outcomes))]
    if missed := [str(verdict.planted) for verdict in proof.faults if verdict.missed]:
        more = (f"and {len(missed) - MOST} more",) if len(missed) > MOST else ()
        message = f"{len(missed)} of {len(proof.faults)} planted faults change results by less than the checks allow"
        found.append(_finding(system, Code.LS503, message, (*missed[:MOST], *more), "bring terms to one scale"))
    return tuple(found)


def _of_model(system: System, model: str, outcomes: Sequence[Outcome]) -> Iterator[Diagnostic]:
    """One finding for all that is wrong: the first check that fails is where to look, the others follow."""
    if wrong := [line for outcome in outcomes for line in _wrong(outcome)]:
        yield _finding(system, Code.LS501, f"{model}: {wrong[0]}", tuple(wrong[1:]), REPORT)
    if mute := [outcome.check for outcome in outcomes if outcome.difference is None and outcome.check != SHAPES]:
        message = f"{model}: {', '.join(mute)} cannot be compared: rounding errors or kinks outweigh everything"
        yield _finding(system, Code.LS502, message, help_=_ranges(system))


def _wrong(outcome: Outcome) -> Iterator[str]:
    if outcome.wrong:
        yield f"{outcome.check}: {len(outcome.wrong)} results have other shapes than are declared, at some sizes"
        yield from outcome.wrong[:MOST]
    elif outcome.difference is not None and not outcome.holds:
        bound = "" if np.isinf(outcome.difference.error) else f", more than {outcome.bound:.0e}"
        yield f"{outcome.check}: {outcome.difference}{bound}"


def _ranges(system: System) -> str:
    """What may help where no data do."""
    return f"say where its arguments lie: verify --range {next(iter(system.inputs))}=LOW:HIGH"


def _finding(system: System, code: Code, message: str, notes: tuple[str, ...] = (), help_: str = "") -> Diagnostic:
    return Diagnostic(code, message, system.site, system.name, notes=notes, help=help_)
