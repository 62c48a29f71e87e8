"""Shapes of a system: every symbol's and every equation's, each with its reason, or diagnostics.

Equations are visited in the order of evaluation, so the shapes of what an equation reads are known, or are unknowns
that later equations bind. An equation that does not fit is reported once, and its claims on others are forgotten: its
name has the shape that the rest expects of it, so that no echo of the fault is reported in the equations that read it.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic, SpecError, fitting
from ..language import System, cycle_diagnostic, once, placed, sort
from ..nodes import Name
from ..sizes import Shape
from ._blame import blamed
from ._conditions import kinds
from ._initialisers import unfit
from ._mend import mended
from ._reason_chains import Why
from ._reasons import Fact, shown


@dataclass(frozen=True)
class Shapes:
    """The answer of the checker.

    Attributes:
        system: The system that was checked.
        of: Every name's shape; a name without one is missing.
        diagnostics: The faults; empty for a consistent system.
        dims: The dimension symbols, in the order in which declarations mention them.
        why: The reasons, as the solver has them; `facts` are the same in words.

    """

    system: System
    of: Mapping[Name, Shape]
    diagnostics: tuple[Diagnostic, ...]
    dims: tuple[str, ...]
    why: Why = dataclasses.field(repr=False, compare=False)

    @functools.cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The table name → shape → reason, symbols first, then equations in the order of evaluation."""
        return tuple(self.why.fact(name) for name in self.of)

    def __getitem__(self, name: str) -> Shape:
        """The shape of a name."""
        return self.of[Name(name)]

    def __str__(self) -> str:
        width = max((len(name) for name in self.of), default=0)
        lines = [f"{fact.name.ljust(width)} : {shown(fact.shape)}  {fact.why}" for fact in self.facts]
        return "\n".join([*lines, *(str(finding) for finding in self.diagnostics)])

    def require(self) -> Shapes:
        """Itself when there is nothing wrong.

        Raises:
            SpecError: with the diagnostics.

        """
        if self.diagnostics:
            raise SpecError(self.diagnostics)
        return self


@fitting
@once
def check(system: System) -> Shapes:
    """Solve every dimension of a cell (or of a system). Never raises for a fault of it: faults are diagnostics.

    The result is kept with the system, so that asking again costs nothing.
    """
    if cycle := sort(system.equations)[1]:  # those of a cell are found when it is declared
        bare = blamed(dataclasses.replace(system, equations={}))
        finding = cycle_diagnostic(system.name, system.equations, cycle, system.body)
        return Shapes(system, bare.resolved(), (finding,), bare.dims, bare.why)
    found = blamed(system)
    diagnostics = mended(found)
    shapes = found.resolved()
    findings = _once((*diagnostics, *found.loose_ends(), *kinds(system))) or tuple(unfit(system, shapes))
    findings = tuple(placed(system, finding) for finding in findings)
    return Shapes(system, shapes, findings, found.dims, found.why)


def _once(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once: pieces of one expression, `a, b = split(W @ x, k, k)`, are equations that share its faults."""
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for finding in findings:
        site = finding.site
        place = (site.code, site.instruction, finding.label) if site is not None and finding.label else (id(finding),)
        kept.setdefault((finding.code, *place), finding)
    return tuple(kept.values())
