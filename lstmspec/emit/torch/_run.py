"""PyTorch models, run on cases; imported when one is run, since PyTorch is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch

from ...procedure import Procedure
from .._case import Arrays, Case
from ._symbolic import misshapen


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """A single thread: the arrays of cases are tiny, and threads that wait for each other take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class Graph:
    """A module, called: inputs and first states are the leaves of a graph, results its ends."""

    module: Any
    leaves: dict[str, torch.Tensor]
    results: dict[str, torch.Tensor]


@dataclass(frozen=True)
class TorchPrepared:
    """A module with inputs, first states and the outputs' cotangents on its device; see `Prepared`."""

    module: Any
    leaves: dict[str, torch.Tensor]
    arguments: tuple[Any, ...]
    cotangent: torch.Tensor

    def outputs(self) -> torch.Tensor:
        """Outputs, by the pass that keeps nothing."""
        with torch.no_grad():
            return self._done(self.module(*self.arguments)[0])

    def training(self) -> torch.Tensor:
        """Outputs, by the forward and backward passes."""
        for tensor in (*self.module.parameters(), *self.leaves.values()):
            tensor.grad = None
        ys = self.module(*self.arguments)[0]
        torch.autograd.backward(ys, self.cotangent)
        return self._done(ys.detach())

    def _done(self, ys: torch.Tensor) -> torch.Tensor:
        if ys.is_cuda:
            torch.cuda.synchronize(ys.device)
        return ys

    def gradients(self) -> dict[str, Any]:
        """The gradients of the last training."""
        return arrays_of(self.module.to_spec(grad=True) | {name: leaf.grad for name, leaf in self.leaves.items()})


@dataclass(frozen=True)
class TorchRunner:
    """A generated PyTorch module, on a device; see `Runner`."""

    module: ModuleType
    device: str = "cpu"

    def tensors(self, arrays: Arrays, *, grad: bool = False) -> dict[str, torch.Tensor]:
        """Arrays as tensors, leaves of a graph if gradients are wanted."""
        return {name: torch.tensor(a, device=self.device, requires_grad=grad) for name, a in arrays.items()}

    def _made(self, case: Case) -> tuple[Any, dict[str, torch.Tensor], tuple[Any, ...]]:
        """The module of a case, the leaves, and the arguments that they make."""
        system = case.system
        cell = getattr(self.module, system.name)
        module = cell.from_spec(self.tensors(case.take(system.parameters)), **case.constants, **_hidden(cell, case))
        leaves = self.tensors(case.take((*system.inputs, *system.states)), grad=True)
        first = tuple(leaves[name][None] for name in system.states)
        return module, leaves, (*(leaves[name] for name in system.inputs), first if len(first) > 1 else first[0])

    def prepared(self, case: Case) -> TorchPrepared:
        """The model with this case's data in place."""
        return TorchPrepared(*self._made(case), self.tensors(case.d)["output"])

    def run(self, case: Case) -> Graph:
        """The module called on a case."""
        system = case.system
        module, leaves, arguments = self._made(case)
        ys, last = module(*arguments)
        lasts = last if len(system.states) > 1 else (last,)
        states = {str(name.next): value[0] for name, value in zip(system.states, lasts, strict=True)}
        return Graph(module, leaves, {"output": ys} | states)

    @one_thread()
    def outputs(self, case: Case) -> dict[str, Any]:
        """Outputs and last states, by the pass that keeps nothing, which a module takes when nobody asks for more."""
        with torch.no_grad():
            return arrays_of(self.run(case).results)

    @one_thread()
    def forward(self, case: Case) -> dict[str, Any]:
        """Outputs and last states."""
        return arrays_of(self.run(case).results)

    @one_thread()
    def backward(self, case: Case) -> dict[str, Any]:
        """Gradients of parameters, inputs and first states."""
        graph = self.run(case)
        torch.autograd.backward(_product(graph.results, self.tensors(case.d)))
        return arrays_of(graph.module.to_spec(grad=True) | {name: leaf.grad for name, leaf in graph.leaves.items()})

    @one_thread()
    def double_backward(self, case: Case) -> dict[str, Any]:
        """Gradients of <v, gradients>, by PyTorch's autograd through the module."""
        graph, seeds = self.run(case), self.tensors(case.d, grad=True)
        cell, system = type(graph.module), case.system
        like = cell.from_spec(self.tensors(case.take(system.parameters, case.v)), **_hidden(cell, case))
        others = self.tensors(case.take(tuple(graph.leaves), case.v)).values()
        leaves = [*graph.module.parameters(), *graph.leaves.values()]
        gradients = torch.autograd.grad(_product(graph.results, seeds), leaves, create_graph=True)
        along = [*(parameter.detach() for parameter in like.parameters()), *others]
        again = sum((g * u).sum() for g, u in zip(gradients, along, strict=True))
        for tensor in (*leaves, *seeds.values()):
            tensor.grad = None
        torch.autograd.backward(again)
        rest = {name: leaf.grad for name, leaf in (graph.leaves | seeds).items()}
        return arrays_of(graph.module.to_spec(grad=True) | rest)

    def start(self, case: Case, seed: int) -> dict[str, Any]:
        """Parameters as the model starts from them."""
        torch.manual_seed(seed)
        module = getattr(self.module, case.system.name)(**case.sizes, device=self.device, dtype=torch.float64)
        return arrays_of(module.to_spec())

    def misshapen(self, procedure: Procedure, dims: Sequence[str]) -> list[str]:
        """How the results of a pass differ from their declared shapes, at sizes that are symbols."""
        return misshapen(self.module, procedure, dims)


def _hidden(cell: Any, case: Case) -> dict[str, int]:
    """The dimensions that no parameter shows, which `from_spec` is told."""
    return {dim: case.sizes[dim] for dim in cell._cell.hidden_dims}


def _product(left: Mapping[str, torch.Tensor], right: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.stack([(left[name] * right[name]).sum() for name in left]).sum()


def arrays_of(values: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray[Any, Any]]:
    """Tensors as arrays."""
    return {name: value.detach().cpu().numpy() for name, value in values.items()}
