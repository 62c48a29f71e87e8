"""Faults planted in specs: does the comparison with the paper see that a spec is wrong in one place?

Every single edit of a cell's equations of which implementations are known to be guilty (a stale state, a sum for a
product, swapped weights, an activation missing, a dead parameter, …) is evaluated without generating code, on the data
of the comparison, and must differ from the transcription. What survives has to compute the same, for a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmspec import CellMeta, oracle
from lstmspec.auditor import Edit, Kind, edits
from lstmspec.checker import explicit
from lstmspec.language import System

from .cases import cases
from .equivalent import Reason, why_equivalent
from .errors import worst
from .models import Arrays, Case
from .rows import Row
from .trial import EXACT, expectation

FEW_STEPS, FEW_SAMPLES = 3, 2  # the outputs of so many first: what they show need not be asked of all


@dataclass(frozen=True)
class Planted:
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


def planted(cell: CellMeta, row: Row, kinds: Collection[Kind] = tuple(Kind)) -> Iterator[Planted]:
    """Every edit of a cell, tried."""
    original = explicit(cell.system)  # a parameter that an edit leaves unread keeps its shape
    trials = []
    for case in cases(cell, row.ranges, row.constants):
        wanted = expectation(row, row.oracles[0], case, values_alone=True)["values"]
        trials += [_few(case, wanted), (case, wanted)]
    for edit in edits(original):
        if edit.kind in kinds:
            seen = any(_differs(_values(edit.system, original, case), wanted) for case, wanted in trials)
            reason = None if seen else why_equivalent(cell.__name__, original, edit, row.ranges)
            yield Planted(cell.__name__, edit, seen, reason)


def _differs(values: Arrays, wanted: Arrays) -> bool:
    return not worst({name: values[name] for name in wanted if name in values}, wanted) <= EXACT


def _few(case: Case, wanted: Arrays) -> tuple[Case, Arrays]:
    """The case with its first steps and samples alone, whose last states nobody knows."""
    at = {name: case.at[name][:FEW_STEPS, :FEW_SAMPLES] for name in case.cell.system.inputs}
    at |= {name: case.at[name][:FEW_SAMPLES] for name in case.cell.system.states}
    return case.with_(**at), {"output": wanted["output"][:FEW_STEPS, :FEW_SAMPLES]}


def _values(system: System, original: System, case: Case) -> Arrays:
    """What the edited cell computes, by the slow evaluator; nothing, where its shapes do not fit any more."""
    rng = np.random.default_rng(7)
    fixed = {**case.take(original.parameters), **case.constants}
    for name in system.symbols.keys() - original.symbols.keys():  # a bias that only the edit has
        fixed[name] = rng.normal(0.1, 0.8, [size.at(case.sizes) for size in system.symbols[name].shape or ()])
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
                for name, value in {"output": np.stack(ys), **{f"{name}.next": now[name] for name in now}}.items():
                    found.setdefault(name, []).append(value)
            return {name: np.stack(value, axis=int(name == "output")) for name, value in found.items()}
    except ValueError:
        return {}
