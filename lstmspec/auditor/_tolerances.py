"""When two arrays are equal: in float64 to nine digits, less where code computes in float32.

Code may return an array with an axis of layers, without one for samples, or batch first; `fitted` sees to that. Axes of
size 1 say nothing, and no dimension of a cell has the size of the axes of time and samples, so nothing fits by chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ._parts_and_slots import Array, Shape

TOLERANCES = {8: 1e-9, 4: 1e-4}  # of equal values, by the bytes of a number, relative to the largest or 1
BOUNDS = {8: 1e-10, 4: 1e-5}  # of a verdict: a chain of matches may rest on looser ones
SLOPES = 1e4  # how much larger a difference of gradients may be: some of PyTorch's own have constants in float32


@dataclass(frozen=True)
class Expected:
    """The results of the equations, under names.

    Attributes:
        values: The arrays.
        sums: The sum of each, and by how much it may be off, in tolerances: most comparisons end here.

    """

    values: Mapping[str, Array]
    sums: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, values: Mapping[str, Array]) -> Expected:
        """With sums."""
        sums = {name: (total(value), 1.01 * value.size * _largest(value)) for name, value in values.items()}
        return cls(values, sums)


def total(value: Array) -> float:
    """The sum of an array, whatever the order of its axes."""
    return float(np.sum(value).real)


def width(results: Sequence[Array]) -> int:
    """The bytes of the narrowest floating number in results. Raises TypeError for less than float32."""
    found = min((result.dtype.itemsize for result in results if result.dtype.kind == "f"), default=8)
    if found not in TOLERANCES:
        raise TypeError(f"it computes with {8 * found} bits a number; 32 are the least that can be compared")
    return found


def fitted(result: Array, shape: Shape, *, turned: bool) -> Array | None:
    """A result in the shape that the equations have for it; None when it is of another."""
    wanted = _squeezed(shape)
    if _squeezed(result.shape) == wanted:
        return result.reshape(shape)
    if turned and result.ndim > 1:
        swapped = np.swapaxes(result, 0, 1)
        if _squeezed(swapped.shape) == wanted:
            return swapped.reshape(shape)
    return None


def refitted(value: Array, shape: Shape) -> Array:
    """The inverse: an array of the equations, in the shape of a result."""
    if _squeezed(value.shape) == _squeezed(shape):
        return value.reshape(shape)
    return np.swapaxes(value, 0, 1).reshape(shape)


def candidates(
    results: Sequence[Array], expected: Expected, tolerance: float, *, turned: bool
) -> list[tuple[str, ...]] | None:
    """For each result the names under which the equations have it; `("",)` for one of a shape that they do not have.

    None when a result has a shape of the equations' and none of their values, or when none is the output.
    """
    found: list[tuple[str, ...]] = []
    for result in results:
        own, shaped, sum_ = [], False, total(result)
        for name, value in expected.values.items():
            if result.size != value.size:
                continue
            fit = fitted(result, value.shape, turned=turned)
            shaped = shaped or fit is not None
            middle, room = expected.sums[name]
            if fit is not None and abs(sum_ - middle) <= tolerance * room and difference(fit, value) <= tolerance:
                own.append(name)
        if shaped and not own:
            return None
        found.append(tuple(own) or ("",))
    return found if any("output" in names for names in found) else None


def namings(options: Sequence[tuple[str, ...]], most: int) -> list[tuple[str, ...]]:
    """Ways to give each result one of its names, those with the most different names first; the output is in each."""
    ways = [way for way in itertools.islice(itertools.product(*options), most) if "output" in way]
    return sorted(ways, key=lambda way: -len(set(way)))


def equal(left: Sequence[Array], right: Sequence[Array], tolerance: float) -> bool:
    """Whether arrays have equal shapes and values."""
    return len(left) == len(right) and all(difference(a, b) <= tolerance for a, b in zip(left, right, strict=True))


def difference(left: Array, right: Array) -> float:
    """The largest difference, relative to the largest value or 1; infinite for other shapes, or where one is none."""
    if left.shape != right.shape:
        return float("inf")
    if not left.size:
        return 0.0
    with np.errstate(all="ignore"):
        error = float(np.abs(left - right).max()) / _largest(right)
    return error if np.isfinite(error) else float("inf")


def _largest(value: Array) -> float:
    return max(1.0, float(np.abs(value).max(initial=0.0)))


def _squeezed(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)
