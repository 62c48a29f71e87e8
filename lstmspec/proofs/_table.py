"""Proofs as one table, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ._checks import CHECKS
from ._verify import AGREEMENT, SHAPES, Outcome, Proof

CHECKED = (*(check.name for check in CHECKS), AGREEMENT, SHAPES)
HEAD = ("cell", "model", *CHECKED, "faults seen")
NOTHING, UNKNOWN = "-", "?"


def table(proofs: Sequence[Proof]) -> str:
    """A row for each model of each cell: the largest difference of each check, and how many planted faults it sees."""
    rows = [HEAD, *(row for proof in proofs for row in _rows(proof))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ("  ".join(_aligned(row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for column, (text, width) in enumerate(zip(row, widths, strict=True)):
        yield text.ljust(width) if column < 2 else text.rjust(width)


def _rows(proof: Proof) -> Iterator[tuple[str, ...]]:
    name = proof.cell.system.name
    for model in models(proof) or ("",):
        own = {outcome.check: outcome for outcome in proof.outcomes if outcome.model == model}
        cells = (_shown(own.get(check)) if proof.has_values else UNKNOWN for check in CHECKED)
        yield (name, model or NOTHING, *cells, _faults(proof, model))
        name = ""


def models(proof: Proof) -> tuple[str, ...]:
    """The models that were tried."""
    return tuple(dict.fromkeys(outcome.model for outcome in proof.outcomes))


def _shown(outcome: Outcome | None) -> str:
    if outcome is None:
        return NOTHING
    if outcome.check == SHAPES:
        return "FAILS" if outcome.wrong else "all sizes"
    if outcome.difference is None:
        return UNKNOWN
    return f"{outcome.difference.error:.0e}{'' if outcome.holds else ' FAILS'}"


def _faults(proof: Proof, model: str) -> str:
    own = [verdict for verdict in proof.faults if verdict.planted.backend.title == model]
    if not own:
        return NOTHING
    counted = [verdict for verdict in own if verdict.has_effect]
    return f"{sum(verdict.seen for verdict in counted)} of {len(counted)}"


def as_data(proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """The same for programs, unrounded; null where a check says nothing."""
    return [row for proof in proofs for row in _data(proof)]


def _data(proof: Proof) -> Iterator[dict[str, Any]]:
    for model in models(proof):
        own = [verdict for verdict in proof.faults if verdict.planted.backend.title == model]
        yield {
            "cell": proof.cell.system.name,
            "model": model,
            "checks": {outcome.check: _check(outcome) for outcome in proof.outcomes if outcome.model == model},
            "faults": {
                "planted": len(own),
                "seen": sum(verdict.seen for verdict in own),
                "without_effect": sum(not verdict.has_effect for verdict in own),
            },
        }


def _check(outcome: Outcome) -> dict[str, Any]:
    error = None if outcome.difference is None else outcome.difference.error
    finite = error is not None and error < float("inf")
    return {"difference": error if finite else None, "bound": outcome.bound or None, "holds": outcome.holds}
