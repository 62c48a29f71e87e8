"""What there is to render: findings, and how much was checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import Code, Diagnostic, Severity


@dataclass(frozen=True)
class Report:
    """The outcome of a run.

    Attributes:
        findings: In the order in which they are to be shown.
        cells: How many cells were checked.
        files: In how many files they are, with those that could not be loaded.

    """

    findings: Sequence[Diagnostic]
    cells: int = 0
    files: int = 0

    def count(self, severity: Severity) -> int:
        """How many findings weigh so much."""
        return sum(finding.code.severity is severity for finding in self.findings)

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be loaded."""
        return all(finding.code is not Code.LS213 for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 for nothing to say, 1 for findings, 2 where something could not be loaded."""
        return (1 if self.findings else 0) if self.complete else 2

    @property
    def summary(self) -> str:
        """`3 cells in 2 files: 1 error, 2 warnings`."""
        weights = [(self.count(severity), severity.value) for severity in Severity]
        found = ", ".join(counted(number, noun) for number, noun in weights if number)
        return f"{counted(self.cells, 'cell')} in {counted(self.files, 'file')}: {found or 'no findings'}"


def counted(number: int, noun: str) -> str:
    """`1 cell`, `2 cells`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
