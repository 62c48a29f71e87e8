"""What the tests of generated models share: cases with random data, ways to run a model on one, and the comparators.

Models are generated anew, a cell at a time as tests ask for it, whatever stands in `generated/`. A test of models is
written once, over the table of backends: `@every_cell @every_backend` and `runner(cell, backend)`, or `@every_model`
for each device too.

Invariant: every way to run a model takes a `Case` and gives arrays under the names of the equations, so that any two
ways can be compared by `same`: `output` is what is emitted, `h.next` the last value of a state, `h` its first.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from lstmspec import CellMeta, proofs, zoo
from lstmspec.emit import BACKENDS, Arrays, Backend, Case, Runner, imported
from lstmspec.procedure import folder
from lstmspec.proofs import largest_difference, loss, results

CELLS: dict[str, CellMeta] = zoo.cells()
torch.set_num_threads(1)  # arrays are tiny here: threads that wait for each other take ten times as long
SIZES = (3, 5, 11, 13, 17, 19)  # of the dimension symbols, in declared order
TIME, BATCH = proofs.TIME, proofs.BATCH
NIGHTLY = os.environ.get("LSTMSPEC_NIGHTLY") == "1"


def sampled(step: int) -> dict[str, CellMeta]:
    """Every so manyth built-in cell, where a test takes seconds a cell; all with LSTMSPEC_NIGHTLY=1."""
    return dict(list(CELLS.items())[:: 1 if NIGHTLY else step])


# -- models ------------------------------------------------------------------------------------------------------------

_open = contextlib.ExitStack()  # the files stay until the process ends: tests read them, and pickle what is in them
atexit.register(_open.close)


@functools.cache
def package_of_cell(cell: CellMeta) -> str:
    """The importable package with a cell's models, generated once in a process."""
    return _open.enter_context(imported([cell.system]))


def runner(cell: CellMeta, backend: Backend, device: str = "cpu") -> Runner:
    """A cell's model."""
    return backend.runner(package_of_cell(cell), folder(cell.__name__), device)


def runners(cell: CellMeta) -> dict[str, Runner]:
    """Every model of a cell, on every device that this machine has, under its title."""
    return proofs.runners(package_of_cell(cell), folder(cell.__name__))


def _model(backend: Backend, device: str) -> Any:
    lacking = backend.lacks(device)
    return pytest.param(
        backend, device, id=f"{backend.name}-{device}", marks=pytest.mark.skipif(lacking != "", reason=lacking)
    )


RUNNERS = [_model(backend, device) for backend in BACKENDS for device in backend.devices]


def every_cell_in(step: int) -> pytest.MarkDecorator:
    """A test of every so manyth cell, of what the runtime does for all alike; of all with LSTMSPEC_NIGHTLY=1."""
    return pytest.mark.parametrize("cell", sampled(step).values(), ids=sampled(step).keys())


every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
every_backend = pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
every_model = pytest.mark.parametrize(("backend", "device"), RUNNERS)


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
    made = importlib.util.module_from_spec(spec)  # its package is the original's, for relative imports
    exec(compile(source, made.__name__, "exec", dont_inherit=True), vars(made))
    return made


# -- cases -------------------------------------------------------------------------------------------------------------


def draw(
    cell: CellMeta,
    sizes: tuple[int, ...] = SIZES,
    time: int = TIME,
    batch: int = BATCH,
    seed: int = 1,
    kind: Any = float,
) -> Case:
    """Random data without symmetries; `sizes` are those of the first dimension symbols, any others get primes."""
    known = dict(zip(cell.shapes.dims, sizes, strict=False))
    return proofs.draw(cell, seed=seed, sizes=known, time=time, batch=batch, kind=kind)


# -- the slow evaluation, and its derivatives by complex step ----------------------------------------------------------

EPS = 1e-30  # of a complex step: it cancels nothing, so it can be as small as one likes
oracle_forward = results
oracle_loss = loss


def moved(case: Case, direction: Arrays, step: complex) -> Case:
    """The case with its arguments moved along a direction; a name that is missing there stays."""
    return case.with_(**{name: case.at[name] + step * value for name, value in direction.items()})


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
    error = largest_difference(actual, expected)
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


# -- models of one backend: for tests of its own interface -------------------------------------------------------------


def numpy_module(cell: CellMeta) -> ModuleType:
    """The generated NumPy module of a built-in cell."""
    return importlib.import_module(f"{package_of_cell(cell)}.{folder(cell.__name__)}.numpy")


def torch_module(cell: CellMeta) -> ModuleType:
    """The generated PyTorch module of a built-in cell."""
    return importlib.import_module(f"{package_of_cell(cell)}.{folder(cell.__name__)}.torch")


def _loaded(module: ModuleType, name: str, device: str = "cpu") -> Any:
    """A module, altered or not, as a runner of a backend."""
    return next(backend for backend in BACKENDS if backend.name == name).load(module, device)


def numpy_run(nm: ModuleType, case: Case) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Parameters, outputs and tape as they are, and the results under their names."""
    return _loaded(nm, "numpy").run(case)


def torch_run(tm: ModuleType, case: Case, device: str = "cpu") -> Any:
    """The module called on the case: `module`, `leaves`, `results`."""
    return _loaded(tm, "torch", device).run(case)


def torch_forward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    return _loaded(tm, "torch", device).forward(case)


def torch_outputs(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    return _loaded(tm, "torch", device).outputs(case)


def torch_backward(tm: ModuleType, case: Case, device: str = "cpu") -> dict[str, Any]:
    return _loaded(tm, "torch", device).backward(case)


def tensors(arrays: Arrays, device: str = "cpu", grad: bool = False) -> dict[str, torch.Tensor]:
    """Arrays as tensors, leaves of a graph if gradients are wanted."""
    return {name: torch.tensor(value, device=device, requires_grad=grad) for name, value in arrays.items()}


def arrays_of(values: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Tensors as arrays."""
    return {name: value.detach().cpu().numpy() for name, value in values.items()}
