"""What the tests of layouts share: a layout for each table, arrays for one, and the model that takes a spec."""

import functools

import numpy as np
from helpers import CELLS, numpy_module

from lstmspec import Layout, layout
from lstmspec.convert import tables

TABLES = [(cell, name) for cell, known_ones in tables().items() for name in known_ones]
PRIMES = (3, 5, 11)
TIME, BATCH = 7, 2


@functools.cache
def known(cell: str, name: str) -> Layout:
    return layout(CELLS[cell], name)


def sizes_of(cell: str, sizes=PRIMES) -> dict[str, int]:
    return dict(zip(CELLS[cell].shapes.dims, sizes, strict=False))


def drawn(shapes, sizes, seed=1, kind=np.float64) -> dict[str, np.ndarray]:
    """Multiples of 1/64, so that sums and offsets of 1.0 are exact."""
    rng = np.random.default_rng(seed)
    return {
        name: (rng.integers(-99, 99, tuple(size.at(sizes) for size in shape)) / 64).astype(kind)
        for name, shape in shapes.items()
    }


def parameters(cell: str, sizes, seed=1, kind=np.float64) -> dict[str, np.ndarray]:
    shapes = CELLS[cell].shapes.of
    return drawn({name: shapes[name] for name in CELLS[cell].system.parameters}, sizes, seed, kind)


def generated(cell: str, spec, x) -> np.ndarray:
    """Outputs of the generated NumPy model from zero states, (time, batch, size)."""
    system, shapes, nm = CELLS[cell].system, CELLS[cell].shapes.of, numpy_module(CELLS[cell])
    rows = {shapes[name][0].atoms[0]: value.shape[0] for name, value in spec.items()}
    zeros = {name: np.zeros((x.shape[1], rows[shapes[name][0].atoms[0]]), x.dtype) for name in system.states}
    return nm.outputs(nm.Params.from_spec(spec), x, nm.State(**zeros))[0]
