"""A library's module and the generated models of its cell: the same weights, the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..convert import Layout
from ..emit import Case, Prepared
from ..nodes import Name
from ._counterpart import Row, sizes_of
from ._subject import Subject
from ._timing import Work, agree


@dataclass(frozen=True)
class TheirModule:
    """A library's module with its arguments, which starts from states of zeros.

    Attributes:
        module: The module.
        layout: Where its arrays have the parameters of the cell.
        leaves: Inputs and first states under the names of the cell.
        arguments: They, as the module takes them.

    """

    module: torch.nn.Module
    layout: Layout
    leaves: Mapping[str, torch.Tensor]
    arguments: tuple[Any, ...]

    def outputs(self) -> torch.Tensor:
        """The outputs, by a pass without gradients."""
        with torch.no_grad():
            ys: torch.Tensor = self.module(*self.arguments)[0]
        return ys

    def training(self) -> torch.Tensor:
        """The outputs, by forward and backward passes of their sum."""
        for tensor in (*self.module.parameters(), *self.leaves.values()):
            tensor.grad = None
        ys: torch.Tensor = self.module(*self.arguments)[0]
        torch.autograd.backward(ys, torch.ones_like(ys))
        return ys.detach()

    def gradients(self) -> dict[str, Any]:
        """The gradients of the last training, under the names of the cell.

        Where the module has several parameters that are added, as PyTorch's biases are, each has the gradient of the
        sum: it is their mean.
        """
        found = {name: np.asarray(p.grad) for name, p in self.module.named_parameters()}
        sums = self._linear(found)
        counts = self._linear({name: np.ones_like(value) for name, value in found.items()})
        leaves = {name: np.asarray(leaf.grad) for name, leaf in self.leaves.items()}
        return {name: sums[name] / counts[name] for name in sums} | leaves

    def _linear(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of arrays, added where several have one, without what the layout adds itself."""
        zeros = self.layout.to_spec({name: np.zeros_like(value) for name, value in arrays.items()})
        return {name: value - zeros[name] for name, value in self.layout.to_spec(arrays).items()}


@dataclass(frozen=True)
class Pair:
    """A library's module, and generated models with its weights and data, by their titles."""

    name: str
    theirs: TheirModule
    models: Mapping[str, Prepared]

    @property
    def forward(self) -> dict[str, Work]:
        """The forward pass of each: the outputs."""
        return {self.name: self.theirs.outputs} | {title: model.outputs for title, model in self.models.items()}

    @property
    def both_passes(self) -> dict[str, Work]:
        """Forward and backward of each."""
        return {self.name: self.theirs.training} | {title: model.training for title, model in self.models.items()}


def pair(subject: Subject, row: Row, dtype: torch.dtype) -> Pair:
    """A cell at one size."""
    cell, code, (steps, batch, _, _) = subject.cell, subject.theirs, row
    system, shapes = cell.system, cell.shapes.of
    sizes = sizes_of(system, row)
    torch.manual_seed(0)
    module = code.made(row).to(dtype)

    def own(name: Name) -> tuple[int, ...]:
        return tuple(size.at(sizes) for size in shapes[name])

    leaves = {str(name): torch.randn(steps, batch, *own(name), dtype=dtype) for name in system.inputs}
    leaves |= {str(name): torch.zeros(batch, *own(name), dtype=dtype) for name in system.states}
    at = weights(module, code.layout) | {name: leaf.numpy().copy() for name, leaf in leaves.items()}
    d = {"output": np.ones((steps, batch, *own(system.output)), at[system.inputs[0]].dtype)}
    case = Case(cell, sizes, at, d, {})
    for leaf in leaves.values():
        leaf.requires_grad_()
    first = tuple(leaves[name][None] for name in system.states)
    arguments = (*(leaves[name] for name in system.inputs), first if len(first) > 1 else first[0])
    theirs = TheirModule(module, code.layout, leaves, arguments)
    return Pair(code.name, theirs, {title: runner.prepared(case) for title, runner in subject.models.items()})


def weights(module: torch.nn.Module, layout: Layout) -> dict[str, Any]:
    """A module's weights under the names of the cell."""
    return dict(layout.to_spec(module.state_dict()))


def verify(both: Pair, tolerance: float) -> None:
    """Outputs and gradients of all models are those of the library's module. Raises Different."""
    expected, trained = both.theirs.outputs(), both.theirs.training()
    agree(f"outputs of {both.name}, trained", trained, expected, tolerance)
    gradients = both.theirs.gradients()
    for title, model in both.models.items():
        agree(f"outputs of {title}", model.outputs(), expected, tolerance)
        agree(f"outputs of {title}, trained", model.training(), expected, tolerance)
        found = model.gradients()
        for name, gradient in gradients.items():
            agree(f"{title}, the gradient of {name}", found[name], gradient, tolerance)
