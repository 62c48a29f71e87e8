"""Results that a counterpart has of a case: values, and their derivatives by automatic differentiation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..emit import Arrays, Case
from ..zoo.counterparts import PAPER, Counterpart, Row

Tensors = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Expectation:
    """Results of a counterpart under the names of the spec.

    Attributes:
        values: Outputs, and last states if it has them.
        gradients: Derivatives of <d, values> by all arguments; None where it has values alone.
        second: Derivatives of <v, gradients>; of the paper.

    """

    values: Arrays
    gradients: Arrays | None = None
    second: Arrays | None = None


def expectation(row: Row, counterpart: Counterpart, case: Case, *, values_alone: bool = False) -> Expectation:
    """What a counterpart computes of a case."""
    at = tensors(case.at, grad=not counterpart.single)
    values = row.evaluated(counterpart, at, case.constants)
    if counterpart.single or values_alone:
        return Expectation(_arrays(values))
    d = tensors({name: case.d[name] for name in values}, grad=True)
    first = gradients(_product(values, d), at, create_graph=True)
    if counterpart.name != PAPER:
        return Expectation(_arrays(values), _arrays(first))
    second = gradients(_product(first, tensors(case.v)), {**at, **d})
    return Expectation(_arrays(values), _arrays(first), _arrays(second))


def gradients(of: torch.Tensor, by: Tensors, create_graph: bool = False) -> dict[str, torch.Tensor]:
    """Derivatives by name; zeros where nothing depends on the name."""
    found = torch.autograd.grad(of, list(by.values()), create_graph=create_graph, materialize_grads=True)
    return dict(zip(by, found, strict=True))


def tensors(arrays: Arrays, *, grad: bool = False) -> dict[str, torch.Tensor]:
    """Arrays as tensors, leaves of a graph if gradients are wanted."""
    return {name: torch.tensor(value, requires_grad=grad) for name, value in arrays.items()}


def _product(left: Tensors, right: Tensors) -> torch.Tensor:
    return torch.stack([(left[name] * right[name]).sum() for name in left]).sum()


def _arrays(values: Tensors) -> dict[str, Any]:
    return {name: value.detach().numpy() for name, value in values.items()}
