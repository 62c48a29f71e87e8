"""The checker on trial: what it says of each mutant against what evaluation says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lstmspec.cell import Cell, CellMeta
from lstmspec.checker import Shapes, check
from lstmspec.diagnostics import Code, Diagnostic, SpecError
from lstmspec.language import Bias, Constant, Input, Output, Role, State, System, Weight
from lstmspec.nodes import names_in

from .edits import Mutant
from .population import KINDS
from .verdicts import Verdict, judge

Checker = Callable[[System], Shapes]
BLAME = 0.95  # the share of first findings that must be on the mutated equation


@dataclass
class Row:
    """Counts of one kind.

    Attributes:
        ill: Mutants that evaluation refuses; of them `caught`, and of those `blamed`: the first finding is on the
            mutated equation.
        well: Mutants that evaluate in one way; of them `false` have an error all the same.
        open: Mutants that evaluate in several ways; of them `told` are said to be undetermined.
        broken: Mutants without a next value or an order; of them `refused`.

    """

    ill: int = 0
    caught: int = 0
    blamed: int = 0
    well: int = 0
    false: int = 0
    open: int = 0
    told: int = 0
    broken: int = 0
    refused: int = 0

    @property
    def mutants(self) -> int:
        """All of them."""
        return self.ill + self.well + self.open + self.broken

    def __add__(self, other: Row) -> Row:
        return Row(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


@dataclass
class Report:
    """Counts by kind, and every mutant on which the checker was wrong with what was wrong."""

    rows: dict[str, Row] = field(default_factory=lambda: {kind: Row() for kind in KINDS})
    misses: list[tuple[str, str]] = field(default_factory=list)  # (what, mutant and finding)
    crashes: int = 0

    @property
    def total(self) -> Row:
        """All kinds together."""
        return sum(self.rows.values(), Row())

    @property
    def faults(self) -> list[str]:
        """The bounds that are not met, each a sentence."""
        total = self.total
        found = [f"mutants on which the checker raises: {self.crashes}"] if self.crashes else []
        for what, have, want in (
            ("ill-shaped mutants caught", total.caught, total.ill),
            ("mutants without a next value or an order refused", total.refused, total.broken),
            ("undetermined mutants said to be so", total.told, total.open),
        ):
            if have != want:
                found.append(f"{what}: {have} of {want}")
        if total.false:
            found.append(f"well-shaped mutants with an error: {total.false} of {total.well}")
        if total.blamed < BLAME * total.caught:
            found.append(
                f"first finding on the mutated equation: {share(total.blamed, total.caught)}, not {100 * BLAME:.0f} %"
            )
        return found


def share(part: int, whole: int) -> str:
    """A part of a whole in percent, never rounded up to all of it."""
    return f"{int(1000 * part / whole) / 10:.1f} %" if whole else "–"


def tried(mutants: Iterable[Mutant], checker: Checker = check, step: Callable[[], None] = lambda: None) -> Report:
    """The report on these mutants."""
    report = Report()
    for mutant in mutants:
        _try(report, mutant, checker)
        step()
    return report


def unsound(systems: Sequence[System], checker: Checker = check) -> list[str]:
    """The originals that are not well-shaped, or of which the checker does not say so."""
    found = []
    for system in systems:
        judgement, errors = judge(system), findings(system, checker)
        if judgement.verdict is not Verdict.WELL:
            found.append(f"{system.name} is {judgement.verdict.value}: {judgement.why}")
        if errors:
            found.append(f"{system.name} has an error: {first_line(errors[0])}")
    return found


def _try(report: Report, mutant: Mutant, checker: Checker) -> None:
    row, judgement = report.rows[mutant.edit.kind], judge(mutant.system)
    try:
        errors = findings(mutant.system, checker)
    except Exception as error:  # whatever it is, the report names the mutant
        report.crashes += 1
        report.misses.append((f"the checker raises {type(error).__name__}: {error}", str(mutant)))
        return
    said = first_line(errors[0]) if errors else "no finding"

    def miss(what: str) -> None:
        report.misses.append((what, f"{mutant}\n    evaluation: {judgement.why or 'fits'}\n    checker: {said}"))

    if judgement.verdict is Verdict.ILL:
        row.ill += 1
        row.caught += bool(errors)
        at_fault = bool(errors) and is_on(errors[0], mutant)
        row.blamed += at_fault
        if not at_fault:
            miss("blames another equation" if errors else "not caught")
    elif judgement.verdict is Verdict.WELL:
        row.well += 1
        row.false += bool(errors)
        if errors:
            miss("false positive")
    elif judgement.verdict is Verdict.OPEN:
        told = bool(errors) and all(error.code is Code.LS105 for error in errors)
        row.open += 1
        row.told += told
        if not told:
            miss("undetermined and not said to be")
    else:
        row.broken += 1
        row.refused += bool(errors)
        if not errors:
            miss("broken and not refused")


def findings(system: System, checker: Checker) -> list[Diagnostic]:
    """The errors that a user sees: of the class body, else of the checker; lints are none."""
    try:
        # A next value is missed where the class body ends; the rest is the checker's, which costs less.
        complete = all(f"{state}.next" in system.equations for state in system.states)
        found = checker(system if complete else declared(system).system).diagnostics
    except SpecError as error:
        found = error.diagnostics
    return [finding for finding in found if not finding.code.name.startswith("LS3")]


def declared(system: System) -> CellMeta:
    """The system as the class of a user. Raises SpecError for what the class body refuses."""
    makers = {Role.INPUT: Input, Role.STATE: State, Role.WEIGHT: Weight, Role.BIAS: Bias}
    name = system.name.partition(" ")[0]
    body = CellMeta.__prepare__(name, (Cell,))
    for symbol in system.symbols.values():
        if symbol.role is Role.CONSTANT:
            body[symbol.name] = Constant(symbol.value or 0.0)
        else:
            shape = () if symbol.shape is None else ((),) if symbol.shape == () else symbol.shape
            body[symbol.name] = makers[symbol.role](*shape)
    for equation in system.equations.values():
        state = equation.name.state
        if state in system.states:
            body[state].next = equation.expr
        else:
            is_output = system.own_output and equation.name == system.output
            body[equation.name] = Output(equation.expr) if is_output else equation.expr
    return CellMeta(name, (Cell,), body)


def is_on(finding: Diagnostic, mutant: Mutant) -> bool:
    """Whether a finding is on what was mutated: on the equation, or on one that reads the declaration, or names it."""
    return any(finding.equation in _concerned(mutant, name) for name in mutant.edit.changes) or any(
        finding.equation == "" and f"`{name}`" in finding.message for name in mutant.edit.changes
    )


def _concerned(mutant: Mutant, name: str) -> Iterator[str]:
    yield name
    if name in mutant.system.symbols and name not in mutant.system.equations:
        yield f"{name}.next"
        for equation in mutant.system.equations.values():
            if name in names_in(equation.expr):
                yield equation.name


def first_line(finding: Diagnostic) -> str:
    """A finding in a line."""
    return f"{finding.code.name} [{finding.equation or 'cell'}] {finding.message}"
