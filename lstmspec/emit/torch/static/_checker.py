"""Procedures under Pyrefly, as `StaticChecker` has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..._backend import CannotGenerate
from ..._static import Judgement, Subject
from ...arrays import CannotPrint
from . import _pyrefly
from ._judge import Outcome, outcome
from ._twin import Twin, twin

Place = tuple[int, int]  # of a procedure: the number of its subject, and its own


class Pyrefly:
    """Pyrefly; see `StaticChecker`."""

    name = "pyrefly"
    written_for = _pyrefly.PINNED
    packages: Sequence[str] = _pyrefly.PACKAGES

    def install(self, place: Path) -> Path:
        """Install it into a virtual environment."""
        return _pyrefly.install(place)

    def version(self, executable: Path) -> str:
        """Its version."""
        return _pyrefly.version(executable)

    def judge(self, executable: Path, subjects: Sequence[Subject]) -> list[Judgement]:
        """Procedures as PyTorch, under Pyrefly; where shapes are lost, it is asked again for every piece."""
        twins = {
            (at, place): _twin(subject, place)
            for at, subject in enumerate(subjects)
            for place in range(len(subject.procedures))
        }
        found = _outcomes(executable, twins)
        again = {(at, place): _twin(subjects[at], place, one.lost) for (at, place), one in found.items() if one.lost}
        found |= _outcomes(executable, again)
        return [_joined([one for (own, _), one in found.items() if own == at]) for at in range(len(subjects))]


def _twin(subject: Subject, place: int, explained: Collection[int] = ()) -> Twin:
    try:
        return twin(subject.procedures[place], subject.dims, explained)
    except CannotPrint as error:
        raise CannotGenerate(f"{subject.name}: {error}") from error


def _outcomes(executable: Path, twins: Mapping[Place, Twin]) -> dict[Place, Outcome]:
    if not twins:
        return {}
    answers = _pyrefly.check(executable, [one.text for one in twins.values()])
    return {place: outcome(one, messages) for (place, one), messages in zip(twins.items(), answers, strict=True)}


def _joined(outcomes: Sequence[Outcome]) -> Judgement:
    unsaid = tuple(remark for one in outcomes for remark in one.unsaid)
    findings = tuple(remark for one in outcomes for remark in one.findings)
    statements, checked = sum(one.statements for one in outcomes), sum(one.checked for one in outcomes)
    return Judgement(statements, checked, unsaid, findings)
