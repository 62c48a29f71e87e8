"""All rules over one cell, less the findings that are allowed where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..diagnostics import Code, Diagnostic, fitting
from ..language import Allowance, Equation, HasSystem, Symbol, System, is_own, placed, system_of
from ..nodes import Name, names_in
from ._facts import Facts
from ._finding import Finding
from ._ls301_no_gradient import no_gradient
from ._ls302_dead import dead
from ._ls303_stale import stale
from ._ls304_interpolation import interpolation
from ._ls305_layers import layers
from ._ls306_unbounded import unbounded
from ._ls307_domain import domain
from ._ls308_unused import unused

Rule = Callable[[Facts], Iterable[Finding]]
RULES: tuple[Rule, ...] = (no_gradient, dead, stale, interpolation, layers, unbounded, domain, unused)


@fitting
def lint(cell: System | HasSystem) -> tuple[Diagnostic, ...]:
    """The lints of a cell: they fit the shapes and are seldom meant; empty when there are none.

    Each finding is a warning, in the order of the rules: LS301 to LS308. `allow(…, LS303="why")` around the expression
    or the declaration silences one where it stands; LS309 is an allowance that silences nothing.
    """
    system = system_of(cell)
    facts = Facts(system)
    findings = [finding for rule in RULES for finding in rule(facts)]
    allowances = {finding: _allowances(facts, finding) for finding in findings}
    told = [_diagnostic(system, finding) for finding in findings if not allowances[finding]]
    told = [placed(system, finding) for finding in told]
    return (*told, *_unneeded(system, [allowance for some in allowances.values() for allowance in some]))


def _allowances(facts: Facts, finding: Finding) -> list[Allowance]:
    """The allowance of a finding: of its symbol, of its equation, or of the equation of its dense layer."""
    system, name = facts.system, finding.name
    holders: list[Symbol | Equation | None] = [
        system.symbols.get(name),
        system.equations.get(name),
        system.equations.get(Name(finding.also)),
    ]
    if name in system.symbols and system.symbols[name].layer:
        holders += [equation for equation in system.equations.values() if name in names_in(equation.expr)]
    allowed = [allowance for holder in holders if holder is not None for allowance in holder.allowed]
    return [allowance for allowance in allowed if allowance.code is finding.code]


def _unneeded(system: System, used: list[Allowance]) -> list[Diagnostic]:
    """Allowances of the cell's own body that allow nothing; those of the cell it varies are that one's affair."""
    found = []
    holders: list[Symbol | Equation] = [*system.symbols.values(), *system.equations.values()]
    for holder in holders:
        for allowance in holder.allowed:
            own = is_own(system, allowance.site)
            if own and not any(allowance is other for other in used):
                message = f"{allowance.code.name} is allowed in `{holder.name}`, but does not fire there"
                notes = (f"the reason given is: {allowance.reason}",)
                found.append(
                    Diagnostic(Code.LS309, message, allowance.site, system.name, _equation(system, holder.name), "",
                               notes, "drop it")
                )  # fmt: skip
    return found


def _diagnostic(system: System, finding: Finding) -> Diagnostic:
    symbol, equation = system.symbols.get(finding.name), system.equations.get(finding.name)
    own = symbol.site if symbol is not None else equation.site if equation is not None else None
    return Diagnostic(
        finding.code,
        finding.message,
        finding.site if finding.site is not None else own,
        system.name,
        _equation(system, finding.name),
        notes=finding.notes,
        help=finding.help,
    )


def _equation(system: System, name: Name) -> str:
    return name if name in system.equations else ""
