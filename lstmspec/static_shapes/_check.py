"""Cells under static checkers: what each backend's checker says of their models, and of planted faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..emit import BACKENDS, Backend, Judgement, StaticallyChecked, StaticChecker, Subject, drafted
from ..language import System
from ..procedure import Model, procedures
from ._faults import Fault, faults


@dataclass(frozen=True)
class Checked:
    """A cell's model, and what came out."""

    subject: Subject
    judgement: Judgement


@dataclass(frozen=True)
class Trial:
    """A planted fault, and what came out for the procedure that has it."""

    subject: Subject
    fault: Fault
    judgement: Judgement

    @property
    def refused(self) -> bool:
        """Whether the checker saw it."""
        return bool(self.judgement.findings)


def checkers() -> dict[str, tuple[Backend, StaticChecker]]:
    """The name of each static checker → the backend whose code it reads, and itself."""
    found = ((backend, backend.static_checker()) for backend in BACKENDS if isinstance(backend, StaticallyChecked))
    return {checker.name: (backend, checker) for backend, checker in found if checker}


def subjects(systems: Sequence[System], backend: Backend) -> list[Subject]:
    """The procedures of cells. Raises SpecError for one that is ill-shaped, or that the backend cannot generate."""
    drafted(systems, [backend])
    models = [Model(system) for system in systems]
    return [Subject(model.folder, model.dims, procedures(model)) for model in models]


def checked(checker: StaticChecker, executable: Path, models: Sequence[Subject]) -> list[Checked]:
    """Models under a checker. Raises NotRun."""
    return [Checked(*pair) for pair in zip(models, checker.judge(executable, models), strict=True)]


def tried(checker: StaticChecker, executable: Path, models: Sequence[Checked], limit: int | None) -> list[Trial]:
    """Faults planted in models without findings, so many of them, spread over all cells and kinds. Raises NotRun."""
    planted = [(one.subject, fault) for one in models if not one.judgement.findings for fault in _faults_of(one)]
    step = -(-len(planted) // limit) if limit else 1
    sample = planted[:: max(1, step)]
    faulty = [Subject(subject.name, subject.dims, (fault.procedure,)) for subject, fault in sample]
    found = checker.judge(executable, faulty)
    return [Trial(subject, fault, judgement) for (subject, fault), judgement in zip(sample, found, strict=True)]


def _faults_of(one: Checked) -> list[Fault]:
    """The faults of a model, each where its shapes are checked."""
    unsaid = one.judgement.unsaid
    return [
        fault
        for procedure in one.subject.procedures
        for fault in faults(procedure, {remark.array for remark in unsaid if remark.procedure == procedure.name})
    ]
