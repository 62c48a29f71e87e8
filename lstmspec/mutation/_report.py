"""The checker's score on mutants: counts by kind of mutation, each mutant on which it was wrong, and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from ._population import KINDS

LEAST_ON_IT = 0.95  # the share of first findings that must be on the mutated equation


@dataclass
class Counts:
    """Counts of mutants.

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

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, row.name) + getattr(other, row.name) for row in fields(self)))


@dataclass(frozen=True)
class Miss:
    """A mutant on which the checker was wrong: in which way, and the mutant with both verdicts as text."""

    fault: str
    mutant: str


@dataclass
class TrialReport:
    """Counts by kind, and every miss."""

    counts: dict[str, Counts] = field(default_factory=lambda: {kind: Counts() for kind in KINDS})
    misses: list[Miss] = field(default_factory=list)
    crashes: int = 0

    @property
    def total(self) -> Counts:
        """All kinds together."""
        return sum(self.counts.values(), Counts())

    @property
    def faults(self) -> list[str]:
        """The bounds that are not met, each a sentence."""
        total = self.total
        found = [f"mutants on which the checker raises: {self.crashes}"] if self.crashes else []
        for bound, have, want in (
            ("ill-shaped mutants caught", total.caught, total.ill),
            ("mutants without a next value or an order refused", total.refused, total.broken),
            ("undetermined mutants said to be so", total.told, total.open),
        ):
            if have != want:
                found.append(f"{bound}: {have} of {want}")
        if total.false:
            found.append(f"well-shaped mutants with an error: {total.false} of {total.well}")
        if total.blamed < LEAST_ON_IT * total.caught:
            share, least = percent(total.blamed, total.caught), f"{100 * LEAST_ON_IT:.0f} %"
            found.append(f"first finding on the mutated equation: {share}, not {least}")
        return found

    @property
    def summary(self) -> str:
        """The numbers in a line."""
        total, least = self.total, f"at least {100 * LEAST_ON_IT:.0f} %"
        return (
            f"{total.mutants} mutants: {total.caught} of {total.ill} ill-shaped ones caught, "
            f"the first finding on the mutated equation in {percent(total.blamed, total.caught)} ({least}); "
            f"{total.false} of {total.well} well-shaped ones with an error; "
            f"{total.told} of {total.open} undetermined ones told; "
            f"{total.refused} of {total.broken} broken ones refused"
        )


def percent(part: int, whole: int) -> str:
    """A part of a whole in percent, never rounded up to all of it."""
    return f"{int(1000 * part / whole) / 10:.1f} %" if whole else "–"
