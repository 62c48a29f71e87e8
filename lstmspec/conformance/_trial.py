"""The comparison: a cell's generated models, both backends, beside each of its oracles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import torch

from lstmspec import CellMeta

from .cases import cases
from .errors import worst
from .models import (
    Arrays,
    Case,
    arrays_of,
    numpy_backward,
    numpy_double_backward,
    numpy_forward,
    numpy_module,
    tensors,
    torch_backward,
    torch_double_backward,
    torch_forward,
    torch_module,
)
from .rows import PAPER, Oracle, Row, evaluated

EXACT, SINGLE, SECOND = 1e-10, 1e-5, 1e-9
OTHER = 1e-3  # what computes something else differs by more
KINDS = ("outputs", "states", "gradients", "second")
Runs = Mapping[str, Callable[[ModuleType, Case], Arrays]]
NUMPY: Runs = {"values": numpy_forward, "gradients": numpy_backward, "second": numpy_double_backward}
TORCH: Runs = {"values": torch_forward, "gradients": torch_backward, "second": torch_double_backward}


@dataclass(frozen=True)
class Result:
    """The largest difference of each kind that an oracle has a word on, for each backend."""

    cell: str
    oracle: Oracle
    errors: Mapping[tuple[str, str], float]  # by backend and kind

    def error(self, kind: str) -> float | None:
        """That of the worse backend, if the oracle has such results."""
        return max((error for (_, of), error in self.errors.items() if of == kind), default=None)

    def bound(self, kind: str) -> float:
        """What it must not exceed."""
        return SINGLE if self.oracle.single else SECOND if kind == "second" else EXACT

    @property
    def faults(self) -> list[str]:
        """What exceeds its bound, in words; or that nothing does, where something else is computed."""
        if self.oracle.differs:
            agrees = not max(self.errors.values()) > OTHER
            return [f"{self.cell}: {self.oracle.name} agrees, though it is said to differ"] if agrees else []
        return [
            f"{self.cell}: {kind} of the {backend} model differ from {self.oracle.name} by {error:.2g}, "
            f"more than {self.bound(kind):.0e}"
            for (backend, kind), error in self.errors.items()
            if not error <= self.bound(kind)
        ]


def compared(cell: CellMeta, row: Row, oracle: Oracle) -> Result:
    """A cell's models beside an oracle: the largest differences on any of its cases."""
    errors: dict[tuple[str, str], float] = {}
    for case in cases(cell, row.ranges, row.constants, np.float32 if oracle.single else float):
        for key, error in _errors(row, oracle, case):
            errors[key] = max(error, errors.get(key, 0.0))
    return Result(cell.__name__, oracle, errors)


def _errors(row: Row, oracle: Oracle, case: Case) -> Iterator[tuple[tuple[str, str], float]]:
    expected = expectation(row, oracle, case)
    seeds = {name: case.d[name] if name in expected["values"] else np.zeros_like(case.d[name]) for name in case.d}
    case = replace(case, d=seeds)  # a state that the oracle does not have must not reach the gradients
    for backend, runs, module in (("numpy", NUMPY, numpy_module(case.cell)), ("torch", TORCH, torch_module(case.cell))):
        for kind, wanted in _by_kind(expected).items():
            values = runs["values" if kind in ("outputs", "states") else kind](module, case)
            yield (backend, kind), worst({name: values[name] for name in values if _asked(kind, name, wanted)}, wanted)


def _asked(kind: str, name: str, wanted: Arrays) -> bool:
    """Gradients must have just the oracle's names; of values, outputs and states are asked for one at a time."""
    return kind in ("gradients", "second") or name in wanted


def _by_kind(expected: Mapping[str, Arrays]) -> dict[str, Arrays]:
    values = dict(expected["values"])
    kinds = {"outputs": {"output": values.pop("output")}} | ({"states": values} if values else {})
    return kinds | {kind: arrays for kind, arrays in expected.items() if kind != "values"}


def expectation(row: Row, oracle: Oracle, case: Case, values_alone: bool = False) -> dict[str, dict[str, Any]]:
    """An oracle's values, and by automatic differentiation its gradients and, if it is the paper, theirs."""
    at = tensors(case.at, grad=not oracle.single)
    values = evaluated(row, oracle, at, case.constants)
    if oracle.single or values_alone:
        return {"values": arrays_of(values)}
    d = tensors({name: case.d[name] for name in values}, grad=True)
    loss = sum((values[name] * d[name]).sum() for name in d)
    first = gradients(loss, at, create_graph=True)
    found = {"values": arrays_of(values), "gradients": arrays_of(first)}
    if oracle.name == PAPER:
        v = tensors(case.v)
        found["second"] = arrays_of(gradients(sum((first[name] * v[name]).sum() for name in at), {**at, **d}))
    return found


def gradients(of: Any, by: Mapping[str, torch.Tensor], create_graph: bool = False) -> dict[str, torch.Tensor]:
    """Derivatives by name; zeros where nothing depends on the name."""
    found = torch.autograd.grad(of, list(by.values()), create_graph=create_graph, materialize_grads=True)
    return dict(zip(by, found, strict=True))
