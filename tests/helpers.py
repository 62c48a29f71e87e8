"""What the tests of generated models share: cases with random data, ways to run a model on one, and the comparators.

Invariant: every way to run a model takes a `Case` and gives arrays under the names of the equations, so that any two
ways can be compared by `same`: `output` is what is emitted, `h.next` the last value of a state, `h` its first.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from conforming.errors import largest_difference
from conforming.models import Arrays as Arrays
from conforming.models import Case as Case
from conforming.models import TorchRun as TorchRun
from conforming.models import arrays_of as arrays_of
from conforming.models import numpy_backward as numpy_backward
from conforming.models import numpy_double_backward as numpy_double_backward
from conforming.models import numpy_forward as numpy_forward
from conforming.models import numpy_module as numpy_module
from conforming.models import numpy_outputs as numpy_outputs
from conforming.models import numpy_run as numpy_run
from conforming.models import tensors as tensors
from conforming.models import torch_backward as torch_backward
from conforming.models import torch_double_backward as torch_double_backward
from conforming.models import torch_forward as torch_forward
from conforming.models import torch_module as torch_module
from conforming.models import torch_outputs as torch_outputs
from conforming.models import torch_run as torch_run

from lstmspec import CellMeta, oracle, zoo

CELLS: dict[str, CellMeta] = zoo.cells()
torch.set_num_threads(1)  # arrays are tiny here: threads that wait for each other take ten times as long
SIZES = (3, 5, 11, 13, 17, 19)  # of the dimension symbols, in declared order
TIME, BATCH = 7, 2
NIGHTLY = os.environ.get("LSTMSPEC_NIGHTLY") == "1"


def sampled(step: int) -> dict[str, CellMeta]:
    """Every so manyth built-in cell, where a test takes seconds a cell; all with LSTMSPEC_NIGHTLY=1."""
    return dict(list(CELLS.items())[:: 1 if NIGHTLY else step])


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
    or a matrix that is the identity, a fault would not show. `sizes` are those of the first dimension symbols; any
    further ones get primes that nothing else has.
    """
    rng = np.random.default_rng(seed)
    system, shapes = cell.system, cell.shapes
    left = [prime for prime in SIZES if prime not in (*sizes, time, batch)]
    known = dict(zip(shapes.dims, (*sizes, *left), strict=False))
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
