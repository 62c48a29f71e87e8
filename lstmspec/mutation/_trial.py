"""The checker on trial: its findings on each mutant against the verdict of evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from ..checker import check
from ..diagnostics import Code, Diagnostic, SpecError
from ..language import System
from ..nodes import Name, names_in
from ._class_body import as_class
from ._judge import Shaped, judge
from ._mutation import Mutant
from ._report import Counts, Miss, TrialReport


class HasFindings(Protocol):
    """A checker's result."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings."""


Checker = Callable[[System], HasFindings]


def tried(mutants: Iterable[Mutant], checker: Checker = check, step: Callable[[], None] = lambda: None) -> TrialReport:
    """The report on these mutants; `step` is called after each."""
    report = TrialReport()
    for mutant in mutants:
        _try(report, mutant, checker)
        step()
    return report


def unsound(systems: Sequence[System], checker: Checker = check) -> list[str]:
    """The originals that are not well-shaped, or of which the checker does not say so."""
    found = []
    for system in systems:
        judgement, errors = judge(system), findings(system, checker)
        if judgement.verdict is not Shaped.WELL:
            found.append(f"{system.name} is {judgement.verdict.value}: {judgement.why}")
        if errors:
            found.append(f"{system.name} has an error: {_line(errors[0])}")
    return found


def _try(report: TrialReport, mutant: Mutant, checker: Checker) -> None:
    judgement = judge(mutant.system)
    try:
        errors = findings(mutant.system, checker)
    except Exception as error:  # whatever it is, the report names the mutant
        report.crashes += 1
        report.misses.append(Miss(f"the checker raises {type(error).__name__}: {error}", str(mutant)))
        return
    fault = _counted(report.counts[mutant.mutation.kind], judgement.verdict, errors, mutant)
    if fault:
        said = _line(errors[0]) if errors else "no finding"
        text = f"{mutant}\n    evaluation: {judgement.why or 'fits'}\n    checker: {said}"
        report.misses.append(Miss(fault, text))


def _counted(counts: Counts, verdict: Shaped, errors: Sequence[Diagnostic], mutant: Mutant) -> str:
    """Count a mutant; the checker's fault on it, empty where it has none."""
    if verdict is Shaped.ILL:
        is_blamed = bool(errors) and is_on(errors[0], mutant)
        counts.ill += 1
        counts.caught += bool(errors)
        counts.blamed += is_blamed
        return "" if is_blamed else "blames another equation" if errors else "not caught"
    if verdict is Shaped.WELL:
        counts.well += 1
        counts.false += bool(errors)
        return "false positive" if errors else ""
    if verdict is Shaped.OPEN:
        is_told = bool(errors) and all(error.code is Code.LS105 for error in errors)
        counts.open += 1
        counts.told += is_told
        return "" if is_told else "undetermined and not said to be"
    counts.broken += 1
    counts.refused += bool(errors)
    return "" if errors else "broken and not refused"


def findings(system: System, checker: Checker) -> list[Diagnostic]:
    """The errors that a user sees: of the class body, else of the checker; lints are none."""
    try:
        # A next value is missed where the class body ends; the rest is the checker's, which costs less.
        complete = all(state.next in system.equations for state in system.states)
        found = checker(system if complete else as_class(system).system).diagnostics
    except SpecError as error:
        found = tuple(error.diagnostics)
    return [finding for finding in found if not finding.code.name.startswith("LS3")]


def is_on(finding: Diagnostic, mutant: Mutant) -> bool:
    """Whether a finding is on the mutated equation, or on one that reads the mutated declaration, or names it."""
    changed = mutant.mutation.changes
    return any(Name(finding.equation) in _concerned(mutant, name) for name in changed) or any(
        finding.equation == "" and f"`{name}`" in finding.message for name in changed
    )


def _concerned(mutant: Mutant, name: Name) -> Iterator[Name]:
    yield name
    if name in mutant.system.symbols and name not in mutant.system.equations:
        yield name.next
        for equation in mutant.system.equations.values():
            if name in names_in(equation.expr):
                yield equation.name


def _line(finding: Diagnostic) -> str:
    return f"{finding.code.name} [{finding.equation or 'cell'}] {finding.message}"
