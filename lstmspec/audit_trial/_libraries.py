"""Audits of libraries' cells, held against the verdicts that are known."""

from __future__ import annotations

import contextlib
import importlib
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import zoo
from ..auditor import Audit, audit, code_name
from ..documents import power_of_ten
from ..mutation import primes_above
from ._library_rows import LibraryRow, LibraryRowError

LEAST = 1e-13  # below it a digit says more of the machine than of the code
SLOPES = 1e-10  # the largest difference of a gradient from a complex step


@dataclass(frozen=True)
class LibraryAudit:
    """A comparison with its audit, and the seconds that it took."""

    row: LibraryRow
    audit: Audit
    seconds: float

    @property
    def edits(self) -> tuple[str, ...]:
        """The edited equations."""
        return tuple(edit.line for edit in self.audit.edits)

    @property
    def verdict(self) -> str:
        """The audit's answer, in a few words."""
        if not self.audit.errors:
            return self.audit.findings[0].message
        if not self.audit.edits:
            return "agrees" if self.audit.agrees else self.audit.findings[0].message
        last, *others = self.audit.edits[::-1]
        return "; ".join([f"`{last.equation}`: {last.kind.value}", *(other.kind.value for other in others)])

    @property
    def fault(self) -> str:
        """The difference from the known verdict; empty when there is none."""
        place = f"{self.row.cell}, {self.row.code}"
        if self.edits != self.row.edits or (self.audit.agrees != (not self.row.edits)):
            return f"{place}: expected {self.row.edits or 'agreement'}, found {self.verdict}"
        if self.audit.gradients is None or max(self.audit.gradients.values()) > SLOPES:
            return f"{place}: gradients differ"
        return ""

    @property
    def gradients(self) -> str:
        """The largest difference of a gradient, rounded up to a power of ten."""
        largest = max((self.audit.gradients or {"": math.inf}).values())
        return power_of_ten(largest, LEAST) if math.isfinite(largest) else "not"


def audited(rows: Iterable[LibraryRow]) -> Iterator[LibraryAudit]:
    """Each comparison made. Raises LibraryRowError where a library's code cannot be had."""
    cells = zoo.cells()
    for row in rows:
        cell = cells[row.cell]
        sizes = {**dict(zip(cell.shapes.dims, primes_above(3), strict=False)), **row.sizes}
        try:
            name = code_name(row.code, sizes)
            with contextlib.redirect_stdout(sys.stderr):  # stdout is for the table
                code, arrays = name.made(importlib.import_module(name.place))
        except Exception as error:  # somebody else's code may raise anything
            given = ", ".join(f"{dim} = {size}" for dim, size in sizes.items())
            message = f"`{row.code}` cannot be made: {type(error).__name__}: {error}; sizes are {given}"
            raise LibraryRowError(message) from error
        start = time.perf_counter()
        report = audit(cell, code, arrays=arrays, sizes=sizes, constants=row.constants, name=name.call)
        yield LibraryAudit(row, report, time.perf_counter() - start)


def counted(results: Sequence[LibraryAudit]) -> Mapping[str, int]:
    """How many agree, and how many differ."""
    agree = sum(not result.edits for result in results)
    return {"agree": agree, "differ": len(results) - agree}
