"""Faults planted in a cell's procedures: every check must fail for the model of one that computes something else."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..emit import Backend
from ..procedure import Model, Procedure
from ._faults import Fault, faults


@dataclass(frozen=True)
class Planted:
    """A fault in the model of a backend, in a folder of its own."""

    backend: Backend
    fault: Fault
    folder: str

    def __str__(self) -> str:
        return f"{self.backend.title}: {self.fault}"


@dataclass(frozen=True)
class Verdict:
    """What became of a planted fault: a check fails, or the model computes what it should all the same."""

    planted: Planted
    seen: bool
    has_effect: bool

    @property
    def missed(self) -> bool:
        """Whether the model computes something else, and no check says so."""
        return self.has_effect and not self.seen


def planted(
    model: Model, procedures: Sequence[Procedure], backends: Sequence[Backend], count: int, seed: int
) -> Iterator[Planted]:
    """So many faults of each procedure for each backend, of as many kinds as there are; drawn with a seed."""
    number = itertools.count()
    for procedure in procedures:
        found = list(faults(procedure))
        for backend in backends:
            for fault in _drawn(found, count, f"{seed} {model.name} {backend.name} {procedure.name}"):
                yield Planted(backend, fault, f"{model.folder}_fault{next(number)}")


def _drawn(found: list[Fault], count: int, seed: str) -> list[Fault]:
    """Some of the faults, of every kind in turn."""
    by_kind: dict[str, list[Fault]] = {}
    for fault in random.Random(seed).sample(found, len(found)):
        by_kind.setdefault(fault.kind.name, []).append(fault)
    turns: list[Fault] = []
    while by_kind and len(turns) < count:
        for kind in list(by_kind):
            turns.append(by_kind[kind].pop())
            if not by_kind[kind]:
                del by_kind[kind]
    return turns[:count]


def files_of(model: Model, procedures: Sequence[Procedure], table: str, found: Sequence[Planted]) -> Mapping[str, str]:
    """The modules with faults, each beside the cell's table."""
    files = {}
    for one in found:
        made = [one.fault.procedure if p.name == one.fault.procedure.name else p for p in procedures]
        files[f"{one.folder}/__init__.py"] = table
        files |= {f"{one.folder}/{name}": text for name, text in one.backend.files(model, made).items()}
    return files
