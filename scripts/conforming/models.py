"""Ways to run a generated model on a case, whichever backend: the forward pass, its gradients, and theirs.

Invariant: every way to run a model takes a `Case` and gives arrays under the names of the equations, so that any two
ways can be compared: `output` is what is emitted, `h.next` the last value of a state, `h` its first.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
import torch

from lstmspec import CellMeta
from lstmspec.procedure import folder

Arrays = Mapping[str, Any]


def numpy_module(cell: CellMeta) -> ModuleType:
    """The generated NumPy module of a built-in cell."""
    return importlib.import_module(f"generated.{folder(cell.__name__)}.numpy")


def torch_module(cell: CellMeta) -> ModuleType:
    """The generated PyTorch module of a built-in cell."""
    return importlib.import_module(f"generated.{folder(cell.__name__)}.torch")


@dataclass(frozen=True)
class Case:
    """A cell with data: `at` has parameters, inputs, first states; `d` cotangents of the results; `v` is like `at`.

    `constants` has those that are not to have their default.
    """

    cell: CellMeta
    sizes: Mapping[str, int]
    at: Arrays
    d: Arrays
    v: Arrays
    constants: Mapping[str, float] = field(default_factory=dict)

    def take(self, names: tuple[str, ...], arrays: Arrays | None = None) -> dict[str, Any]:
        """Some of the arguments, or of arrays that are like them."""
        return {name: (self.at if arrays is None else arrays)[name] for name in names}

    def with_(self, **changes: Any) -> Case:
        """The same case with other arguments."""
        return replace(self, at={**self.at, **changes})


# -- NumPy -------------------------------------------------------------------------------------------------------------


def numpy_run(nm: ModuleType, case: Case) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Parameters, outputs and tape as they are, and the results under their names."""
    system = case.cell.system
    params = nm.Params.from_spec(case.take(system.parameters), **case.constants)
    ys, state, tape = nm.forward(params, *case.take(system.inputs).values(), nm.State(**case.take(system.states)))
    return params, ys, tape, {"output": ys} | {f"{name}.next": value for name, value in vars(state).items()}


def numpy_forward(nm: ModuleType, case: Case) -> dict[str, Any]:
    """Outputs and last states."""
    return numpy_run(nm, case)[-1]


def numpy_outputs(nm: ModuleType, case: Case) -> dict[str, Any]:
    """The forward pass without a tape."""
    system = case.cell.system
    params = nm.Params.from_spec(case.take(system.parameters), **case.constants)
    ys, state = nm.outputs(params, *case.take(system.inputs).values(), nm.State(**case.take(system.states)))
    return {"output": ys} | {f"{name}.next": value for name, value in vars(state).items()}


def _numpy_cotangents(nm: ModuleType, case: Case) -> tuple[Any, Any]:
    return case.d["output"], nm.State(*(case.d[f"{name}.next"] for name in case.cell.system.states))


def numpy_backward(nm: ModuleType, case: Case) -> dict[str, Any]:
    """Gradients of parameters, inputs and first states."""
    params, _, tape, _ = numpy_run(nm, case)
    d_params, *d_xs, d_state = nm.backward(params, tape, *_numpy_cotangents(nm, case))
    return d_params.to_spec() | dict(zip(case.cell.system.inputs, d_xs, strict=True)) | vars(d_state)


def numpy_double_backward(nm: ModuleType, case: Case) -> dict[str, Any]:
    """Gradients of <v, gradients>, those of the cotangents too."""
    system = case.cell.system
    params, _, tape, _ = numpy_run(nm, case)
    v_params = nm.Params.from_spec(case.take(system.parameters, case.v))
    v_rest = (*case.take(system.inputs, case.v).values(), nm.State(**case.take(system.states, case.v)))
    results = nm.double_backward(params, tape, *_numpy_cotangents(nm, case), v_params, *v_rest)
    d_params, *d_xs, d_state, d_d_ys, d_d_state = results
    seeds = {"output": d_d_ys} | {f"{name}.next": value for name, value in vars(d_d_state).items()}
    return d_params.to_spec() | dict(zip(system.inputs, d_xs, strict=True)) | vars(d_state) | seeds


# -- PyTorch -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TorchRun:
    """A module, called: its arguments and its results are leaves and ends of one graph."""

    case: Case
    module: torch.nn.Module
    leaves: dict[str, torch.Tensor]  # inputs and first states
    results: dict[str, torch.Tensor]


def tensors(arrays: Arrays, device: str = "cpu", grad: bool = False) -> dict[str, torch.Tensor]:
    """Arrays as tensors, leaves of a graph if gradients are wanted."""
    return {name: torch.tensor(value, device=device, requires_grad=grad) for name, value in arrays.items()}


def torch_run(tm: ModuleType, case: Case, device: str = "cpu") -> TorchRun:
    """The module called on the case."""
    system = case.cell.system
    module = getattr(tm, case.cell.__name__).from_spec(tensors(case.take(system.parameters), device), **case.constants)
    leaves = tensors(case.take((*system.inputs, *system.states)), device, grad=True)
    first = tuple(leaves[name][None] for name in system.states)
    ys, last = module(*(leaves[name] for name in system.inputs), first if len(first) > 1 else first[0])
    lasts = last if len(first) > 1 else (last,)
    return TorchRun(
        case, module, leaves, {"output": ys} | {f"{s}.next": v[0] for s, v in zip(system.states, lasts, strict=True)}
    )


def _scalar_product(left: Mapping[str, torch.Tensor], right: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return sum(((left[name] * right[name]).sum() for name in left), start=torch.zeros(()))


def torch_forward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    """Outputs and last states."""
    return arrays_of(torch_run(tm, case, device).results)


def torch_outputs(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    """The forward pass without a tape, which a module takes when nobody asks for gradients."""
    with torch.no_grad():
        return arrays_of(torch_run(tm, case, device).results)


def torch_backward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    """Gradients of parameters, inputs and first states."""
    run = torch_run(tm, case, device)
    _scalar_product(run.results, tensors(case.d, device)).backward()
    return arrays_of(run.module.to_spec(grad=True) | {name: leaf.grad for name, leaf in run.leaves.items()})


def torch_double_backward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    """Gradients of <v, gradients>, by PyTorch's autograd through the module."""
    run, seeds = torch_run(tm, case, device), tensors(case.d, device, grad=True)
    loss = _scalar_product(run.results, seeds)
    like = getattr(tm, case.cell.__name__).from_spec(tensors(case.take(case.cell.system.parameters, case.v), device))
    v = [*(p.detach() for p in like.parameters()), *tensors(case.take(tuple(run.leaves), case.v), device).values()]
    gradients = torch.autograd.grad(loss, [*run.module.parameters(), *run.leaves.values()], create_graph=True)
    again = sum((g * u).sum() for g, u in zip(gradients, v, strict=True))
    for tensor in (*run.module.parameters(), *run.leaves.values(), *seeds.values()):
        tensor.grad = None
    again.backward()
    rest = {name: leaf.grad for name, leaf in (run.leaves | seeds).items()}
    return arrays_of(run.module.to_spec(grad=True) | rest)


def arrays_of(values: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Tensors as arrays."""
    return {name: value.detach().cpu().numpy() for name, value in values.items()}
