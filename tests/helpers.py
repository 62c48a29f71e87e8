"""What the tests of generated models share: cases with random data, ways to run a model on one, and the comparators.

Invariant: every way to run a model takes a `Case` and gives arrays under the names of the equations, so that any two
ways can be compared by `same`: `output` is what is emitted, `h.next` the last value of a state, `h` its first.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from lstmspec import CellMeta, oracle
from lstmspec.cli._load import builtin_cells
from lstmspec.emit._model import folder

CELLS: dict[str, CellMeta] = builtin_cells()
torch.set_num_threads(1)  # arrays are tiny here: threads that wait for each other take ten times as long
SIZES = (3, 5, 11, 13, 17, 19)  # of the dimension symbols, in declared order
TIME, BATCH = 7, 2
Arrays = Mapping[str, Any]


def numpy_module(cell: CellMeta) -> ModuleType:
    return importlib.import_module(f"generated.{folder(cell.__name__)}.numpy")


def torch_module(cell: CellMeta) -> ModuleType:
    return importlib.import_module(f"generated.{folder(cell.__name__)}.torch")


def state_sizes(case: Case) -> dict[str, int]:
    """The dimension symbols that states have, as `zeros` takes them."""
    atoms = {a for name in case.cell.system.states for size in case.cell.shapes.of[name] for a in size.atoms}
    return {dim: size for dim, size in case.sizes.items() if dim in atoms}


def altered(module: ModuleType, *changes: tuple[str, str]) -> ModuleType:
    """The same module from a source in which pieces of text are replaced, each of which must be there."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source, f"no `{old}` in {module.__name__}: the planted fault has to be rewritten"
        source = source.replace(old, new)
    spec = importlib.util.spec_from_loader(f"{module.__name__}_altered", loader=None)
    made = importlib.util.module_from_spec(spec)  # its package is the original's, for `from .._checks import …`
    exec(compile(source, made.__name__, "exec", dont_inherit=True), vars(made))
    return made


# -- cases -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A cell with data: `at` has parameters, inputs, first states; `d` cotangents of the results; `v` is like `at`."""

    cell: CellMeta
    sizes: Mapping[str, int]
    at: Arrays
    d: Arrays
    v: Arrays

    def take(self, names: tuple[str, ...], arrays: Arrays | None = None) -> dict[str, Any]:
        return {name: (self.at if arrays is None else arrays)[name] for name in names}

    def with_(self, **changes: Any) -> Case:
        """The same case with other arguments."""
        return replace(self, at={**self.at, **changes})


def draw(
    cell: CellMeta,
    sizes: tuple[int, ...] = SIZES,
    time: int = TIME,
    batch: int = BATCH,
    seed: int = 1,
    kind: Any = float,
) -> Case:
    """Random data without symmetries.

    Parameters are what the model itself starts from, but those that it is told to start from: in biases that are all 1,
    or a matrix that is the identity, a fault would not show.
    """
    rng = np.random.default_rng(seed)
    system, shapes = cell.system, cell.shapes
    known = dict(zip(shapes.dims, sizes, strict=False))
    nm = numpy_module(cell)

    def normal(name: str, *lead: int) -> np.ndarray:
        return rng.normal(0.1, 0.8, (*lead, *(size.at(known) for size in shapes.of[name]))).astype(kind)

    def like_arguments() -> dict[str, np.ndarray]:
        return {
            **{name: normal(name) for name in system.parameters},
            **{name: normal(name, time, batch) for name in system.inputs},
            **{name: normal(name, batch) for name in system.states},
        }

    drawn = like_arguments()
    at = drawn | nm.init(rng, **known, dtype=kind).to_spec()
    at |= {name: drawn[name] for name in system.parameters if system.symbols[name].initial is not None}
    d = {"output": normal(system.output, time, batch)} | {f"{name}.next": normal(name, batch) for name in system.states}
    return Case(cell, known, at, d, like_arguments())


# -- three ways to run a model -----------------------------------------------------------------------------------------


def oracle_forward(case: Case) -> dict[str, Any]:
    system = case.cell.system
    parts = (case.take(names) for names in (system.parameters, system.inputs, system.states))
    outputs, finals = oracle.sequence(system, *parts, case.sizes)
    return {"output": outputs} | {f"{name}.next": value for name, value in finals.items()}


def numpy_run(nm: ModuleType, case: Case) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Parameters, outputs and tape as they are, and the results under their names."""
    system = case.cell.system
    params = nm.Params.from_spec(case.take(system.parameters))
    ys, state, tape = nm.forward(params, *case.take(system.inputs).values(), nm.State(**case.take(system.states)))
    return params, ys, tape, {"output": ys} | {f"{name}.next": value for name, value in vars(state).items()}


def numpy_forward(nm: ModuleType, case: Case) -> dict[str, Any]:
    return numpy_run(nm, case)[-1]


def numpy_outputs(nm: ModuleType, case: Case) -> dict[str, Any]:
    """The forward pass without a tape."""
    system = case.cell.system
    params = nm.Params.from_spec(case.take(system.parameters))
    ys, state = nm.outputs(params, *case.take(system.inputs).values(), nm.State(**case.take(system.states)))
    return {"output": ys} | {f"{name}.next": value for name, value in vars(state).items()}


def _numpy_cotangents(nm: ModuleType, case: Case) -> tuple[Any, Any]:
    return case.d["output"], nm.State(*(case.d[f"{name}.next"] for name in case.cell.system.states))


def numpy_backward(nm: ModuleType, case: Case) -> dict[str, Any]:
    params, _, tape, _ = numpy_run(nm, case)
    d_params, *d_xs, d_state = nm.backward(params, tape, *_numpy_cotangents(nm, case))
    return d_params.to_spec() | dict(zip(case.cell.system.inputs, d_xs, strict=True)) | vars(d_state)


def numpy_double_backward(nm: ModuleType, case: Case) -> dict[str, Any]:
    system = case.cell.system
    params, _, tape, _ = numpy_run(nm, case)
    v_params = nm.Params.from_spec(case.take(system.parameters, case.v))
    v_rest = (*case.take(system.inputs, case.v).values(), nm.State(**case.take(system.states, case.v)))
    results = nm.double_backward(params, tape, *_numpy_cotangents(nm, case), v_params, *v_rest)
    d_params, *d_xs, d_state, d_d_ys, d_d_state = results
    seeds = {"output": d_d_ys} | {f"{name}.next": value for name, value in vars(d_d_state).items()}
    return d_params.to_spec() | dict(zip(system.inputs, d_xs, strict=True)) | vars(d_state) | seeds


@dataclass(frozen=True)
class TorchRun:
    """A module, called: its arguments and its results are leaves and ends of one graph."""

    case: Case
    module: torch.nn.Module
    leaves: dict[str, torch.Tensor]  # inputs and first states
    results: dict[str, torch.Tensor]


def tensors(arrays: Arrays, device: str = "cpu", grad: bool = False) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value, device=device, requires_grad=grad) for name, value in arrays.items()}


def torch_run(tm: ModuleType, case: Case, device: str = "cpu") -> TorchRun:
    system = case.cell.system
    module = getattr(tm, case.cell.__name__).from_spec(tensors(case.take(system.parameters), device))
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
    return arrays_of(torch_run(tm, case, device).results)


def torch_outputs(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    """The forward pass without a tape, which a module takes when nobody asks for gradients."""
    with torch.no_grad():
        return arrays_of(torch_run(tm, case, device).results)


def torch_backward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
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
    return {name: value.detach().cpu().numpy() for name, value in values.items()}


# -- derivatives by complex step, through the oracle -------------------------------------------------------------------

EPS = 1e-30  # of a complex step: it cancels nothing, so it can be as small as one likes


def moved(case: Case, direction: Arrays, step: complex) -> Case:
    """The case with its arguments moved along a direction; a name that is missing there stays."""
    return case.with_(**{name: case.at[name] + step * value for name, value in direction.items()})


def oracle_loss(case: Case) -> complex:
    return complex(sum(np.sum(case.d[name] * value) for name, value in oracle_forward(case).items()))


def directions(case: Case, count: int, seed: int = 5) -> list[dict[str, Any]]:
    """Random directions of length 1, `count` along each argument alone."""
    rng = np.random.default_rng(seed)
    drawn = [(name, rng.normal(0.2, 1, np.shape(value))) for name, value in case.at.items() for _ in range(count)]
    return [{name: u / np.sqrt(np.sum(u**2))} for name, u in drawn]


# -- comparators -------------------------------------------------------------------------------------------------------


def close(actual: Any, expected: Any, tolerance: float, what: str = "value") -> float:
    """Assert that two arrays have one shape and agree; the largest difference, relative to the largest value."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    if not expected.size:
        return 0.0
    # below 1e-3 it is absolute: there sums of larger terms cancel
    error = float(np.max(np.abs(actual - expected)) / max(np.max(np.abs(expected)), 1e-3))
    assert error <= tolerance, f"{what}: differs by {error:.3g}, more than {tolerance:.3g}"
    return error


def same(actual: Arrays, expected: Arrays, tolerance: float) -> None:
    """Assert that both have the same names with the same values, and that they are numbers."""
    assert actual.keys() == expected.keys(), f"names {list(actual)}, expected {list(expected)}"
    for name, value in expected.items():
        assert np.all(np.isfinite(value)), f"{name}: not finite"
        close(actual[name], value, tolerance, name)


def agrees_with_complex_step(gradients: Arrays, case: Case, tolerance: float, count: int = 3) -> None:
    """Assert <gradient, u> = dL/du for random directions u, by a complex step."""
    assert gradients.keys() == case.at.keys(), f"names {list(gradients)}, expected {list(case.at)}"
    for direction in directions(case, count):
        ((name, u),) = direction.items()
        assert gradients[name].shape == u.shape, f"{name}: shape {gradients[name].shape}, expected {u.shape}"
        expected = oracle_loss(moved(case, direction, EPS * 1j)).imag / EPS
        scale = max(float(np.sum(np.abs(gradients[name] * u))), 1e-3)
        error = abs(float(np.sum(gradients[name] * u)) - expected) / scale
        assert error <= tolerance, f"<dL/d{name}, u> differs by {error:.3g}, more than {tolerance:.3g}"
