"""Edits of specs: does the comparison with the paper see that a spec is wrong in one place?

Every single edit of a cell's equations of which implementations are known to be guilty (a stale state, a sum for a
product, swapped weights, an activation missing, a dead parameter, …) is evaluated without generating code, on the data
of the comparison, and must differ from the transcription. An edit that does not has to compute the same, for a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import oracle
from ..auditor import Edit, Kind, edits
from ..cell import CellMeta
from ..checker import explicit
from ..emit import Arrays, Case
from ..language import System
from ..proofs import difference
from ..zoo.counterparts import Row
from ._cases import cases
from ._equivalent import Reason, why_equivalent
from ._expectation import expectation
from ._trial import EXACT, OUTPUT

FEW_STEPS, FEW_SAMPLES = 3, 2  # the outputs of so many first: an edit that they show need not be tried on all


@dataclass(frozen=True)
class TriedEdit:
    """An edit of a cell, whether the comparison saw it, and if it did not, why it computes the same."""

    cell: str
    edit: Edit
    seen: bool
    reason: Reason | None = None

    @property
    def missed(self) -> bool:
        """Whether it was not seen, and nobody knows why."""
        return not self.seen and self.reason is None

    def __str__(self) -> str:
        return f"{self.cell}: {self.edit}"


def tried_edits(cell: CellMeta, row: Row, kinds: Collection[Kind] = tuple(Kind)) -> Iterator[TriedEdit]:
    """Every edit of a cell, tried."""
    original = explicit(cell.system)  # a parameter that an edit leaves unread keeps its shape
    trials: list[tuple[Case, Arrays]] = []
    for case in cases(cell, row):
        wanted = expectation(row, row.counterparts[0], case, values_alone=True).values
        trials += [_few(case, wanted), (case, wanted)]
    for edit in edits(original):
        if edit.kind in kinds:
            seen = any(_differs(_values(edit.system, original, case), wanted) for case, wanted in trials)
            reason = None if seen else why_equivalent(cell.__name__, original, edit, row.ranges)
            yield TriedEdit(cell.__name__, edit, seen, reason)


def _differs(values: Arrays, wanted: Arrays) -> bool:
    return not difference({name: values[name] for name in wanted if name in values}, wanted).error <= EXACT


def _few(case: Case, wanted: Arrays) -> tuple[Case, Arrays]:
    """The case with its first steps and samples alone, whose last states nobody knows."""
    at = {name: case.at[name][:FEW_STEPS, :FEW_SAMPLES] for name in case.system.inputs}
    at |= {name: case.at[name][:FEW_SAMPLES] for name in case.system.states}
    return case.with_(**at), {OUTPUT: wanted[OUTPUT][:FEW_STEPS, :FEW_SAMPLES]}


def _values(system: System, original: System, case: Case) -> Arrays:
    """Results of the edited cell, by the slow evaluation; nothing, where its shapes do not fit any more."""
    rng = np.random.default_rng(7)
    fixed = {**case.take(original.parameters), **case.constants}
    for name in system.symbols.keys() - original.symbols.keys():  # a bias that only the edit has
        declared = system.symbols[name].shape or ()
        fixed[name] = rng.normal(0.1, 0.8, [size.at(case.sizes) for size in declared if size is not None])
    run = oracle.Step(system, case.sizes)
    xs, first = case.take(system.inputs), case.take(system.states)
    found: dict[str, list[Any]] = {}
    try:
        with np.errstate(all="ignore"):
            for sample in range(len(next(iter(first.values())))):
                now, ys = {name: value[sample] for name, value in first.items()}, []
                for at in range(len(next(iter(xs.values())))):
                    values = run({**fixed, **{name: x[at, sample] for name, x in xs.items()}, **now})
                    now = {name: values[f"{name}.next"] for name in now}
                    ys.append(values[system.output])
                results = {OUTPUT: np.stack(ys)} | {f"{state}.next": value for state, value in now.items()}
                for result, value in results.items():
                    found.setdefault(result, []).append(value)
            return {name: np.stack(value, axis=int(name == OUTPUT)) for name, value in found.items()}
    except ValueError:
        return {}
