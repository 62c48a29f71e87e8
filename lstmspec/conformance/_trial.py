"""The comparison: a cell's generated models, of every backend and device, beside a counterpart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..cell import CellMeta
from ..emit import Arrays, Case, Runner
from ..proofs import difference
from ..zoo.counterparts import Counterpart, Row
from ._cases import cases
from ._expectation import Expectation, expectation

EXACT, SINGLE, SECOND = 1e-10, 1e-5, 1e-9
OTHER = 1e-3  # what computes something else differs by more
KINDS = ("outputs", "states", "gradients", "second")
OUTPUT = "output"


@dataclass(frozen=True)
class Compared:
    """The largest difference of each kind of result that a counterpart has, by the model's title and the kind."""

    cell: str
    counterpart: Counterpart
    errors: Mapping[tuple[str, str], float]

    def error(self, kind: str) -> float | None:
        """That of the worst model, if the counterpart has such results."""
        return max((error for (_, of), error in self.errors.items() if of == kind), default=None)

    def bound(self, kind: str) -> float:
        """How much is allowed."""
        return SINGLE if self.counterpart.single else SECOND if kind == "second" else EXACT

    @property
    def faults(self) -> list[str]:
        """Differences beyond their bounds, in words; or that there is none, where something else is computed."""
        name = self.counterpart.name
        if self.counterpart.differs:
            agrees = not max(self.errors.values()) > OTHER
            return [f"{self.cell}: {name} agrees, though it is said to differ"] if agrees else []
        return [
            f"{self.cell}: {kind} of the {title} model differ from {name} by {error:.2g}, "
            f"more than {self.bound(kind):.0e}"
            for (title, kind), error in self.errors.items()
            if not error <= self.bound(kind)
        ]


def compared(cell: CellMeta, row: Row, counterpart: Counterpart, models: Mapping[str, Runner]) -> Compared:
    """A cell's models beside a counterpart: the largest differences on any of its cases.

    Args:
        cell: The cell.
        row: How the counterpart's parameters are made of the cell's.
        counterpart: One of the row's.
        models: Title → model.

    """
    errors: dict[tuple[str, str], float] = {}
    for case in cases(cell, row, np.float32 if counterpart.single else float):
        for key, error in _errors(row, counterpart, case, models):
            errors[key] = max(error, errors.get(key, 0.0))
    return Compared(cell.__name__, counterpart, errors)


def _errors(
    row: Row, counterpart: Counterpart, case: Case, models: Mapping[str, Runner]
) -> Iterator[tuple[tuple[str, str], float]]:
    expected = expectation(row, counterpart, case)
    seeds = {name: d if name in expected.values else np.zeros_like(d) for name, d in case.d.items()}
    case = replace(case, d=seeds)  # a state that the counterpart does not have must not reach the gradients
    for title, model in models.items():
        for kind, (found, wanted) in _results(model, case, expected).items():
            yield (title, kind), difference(found, wanted).error


def _results(model: Runner, case: Case, expected: Expectation) -> dict[str, tuple[Arrays, Arrays]]:
    """Kind → a model's results, and those expected. Gradients must have just the expected names."""
    values = model.forward(case)
    states = expected.values.keys() - {OUTPUT}
    found: dict[str, tuple[Arrays, Arrays]] = {"outputs": (_only(values, {OUTPUT}), _only(expected.values, {OUTPUT}))}
    if states:
        found["states"] = _only(values, states), _only(expected.values, states)
    if expected.gradients is not None:
        found["gradients"] = model.backward(case), expected.gradients
    if expected.second is not None:
        found["second"] = model.double_backward(case), expected.second
    return found


def _only(arrays: Arrays, names: set[str]) -> Arrays:
    return {name: value for name, value in arrays.items() if name in names}
