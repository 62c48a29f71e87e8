"""Weights of other implementations under the names of the equations, and back.

Invariant: the value of a part is the sum of all slots that carry it, so that PyTorch's two biases are one; written
back, it goes to the first of them and the others are zero. So to_spec(from_spec(spec)) is spec.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..language import System, system_of
from ..sizes import Shape, Size
from ._foreign_arrays import Array, LayoutError
from ._foreign_arrays import Part as Part
from ._given import arrays_of, as_numpy, mapping_of, offsets_of, require_names
from ._placement import PlacedArray, Plan, Span, planned
from ._sizes_from_arrays import solved

SUFFIX = r"(_l\d+\w*)?"  # of a layer; without one, an array of a single cell
NumPyArray = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parameters of a cell's equations lie in the arrays of another implementation.

    Attributes:
        system: The cell.
        arrays: The other implementation's arrays; together they have every part of every parameter.
        offsets: Parameter → a number that the other code adds to it itself: the 1.0 of TensorFlow 1's forget gate.
        name: Its name in messages, `LSTM.keras`; the cell's name when empty.
        suffixed: The names of the arrays without their suffix, where those of other layers differ by it alone.
        is_chosen: Whether a layer was named: the arrays of others are then left alone, and refused otherwise.

    Raises:
        LayoutError: (when made) a part is not the cell's or is in no array, or parts of an array do not fit together.
        SpecError: (when made) the cell is ill-shaped.

    """

    system: System
    arrays: tuple[Array, ...]
    offsets: Mapping[str, float] = field(default_factory=dict)
    name: str = ""
    suffixed: tuple[str, ...] = ()
    is_chosen: bool = False
    _plan: Plan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "system", system_of(self.system))
        object.__setattr__(self, "name", str(self.name or self.system.name))
        object.__setattr__(self, "arrays", arrays_of(self.name, self.arrays))
        object.__setattr__(self, "offsets", offsets_of(self.name, self.offsets))
        object.__setattr__(self, "_plan", planned(self.name, self.system, self.arrays))
        if unknown := [name for name in self.offsets if name not in self._plan.shapes]:
            raise LayoutError(f"{self.name}: offsets of {unknown}; the cell has {', '.join(self._plan.shapes)}")

    @property
    def shapes(self) -> dict[str, Shape]:
        """Foreign array → its shape, in the cell's dimension symbols."""
        return {placed.array.name: placed.shape for placed in self._plan.arrays}

    def to_spec(self, arrays: Mapping[str, ArrayLike]) -> dict[str, NumPyArray]:
        """The parameters under the names and shapes of the equations, from the foreign arrays.

        Args:
            arrays: Foreign name → floating array or tensor.

        Raises:
            LayoutError: an array is missing or unknown, is not floating, or has a shape that the others contradict.

        """
        arrays = mapping_of(f"{self.name}: arrays", arrays)
        others = self.of_other_layers(arrays)
        if others and not self.is_chosen:
            raise LayoutError(self._asked(arrays, others))
        mine = {name: value for name, value in arrays.items() if name not in others}
        given, sizes = self._taken("array", self.shapes, mine)
        kinds = self._kinds(given)
        found = {name: np.zeros(_grid(shape, sizes), kinds[name]) for name, shape in self._plan.shapes.items()}
        for placed in self._plan.arrays:
            grid = _as_grid(placed, given[placed.array.name], sizes)
            for part in placed.parts:
                found[part.parameter][:, _slice(part.of, sizes)] += grid[
                    _slice(part.rows, sizes), _slice(part.columns, sizes)
                ]
        for name, offset in self.offsets.items():
            found[name] += found[name].dtype.type(offset)
        return {name: found[name].reshape(_at(shape, sizes)) for name, shape in self._plan.shapes.items()}

    def from_spec(self, spec: Mapping[str, ArrayLike]) -> dict[str, NumPyArray]:
        """The foreign arrays, from the parameters under the names and shapes of the equations.

        Args:
            spec: Parameter → floating array or tensor.

        Raises:
            LayoutError: a parameter is missing or unknown, is not floating, or has a shape that the others contradict.

        """
        given, sizes = self._taken("parameter", self._plan.shapes, mapping_of(f"{self.name}: parameters", spec))
        rest = {name: given[name].reshape(_grid(shape, sizes)).copy() for name, shape in self._plan.shapes.items()}
        for name, offset in self.offsets.items():
            rest[name] -= rest[name].dtype.type(offset)
        found: dict[str, NumPyArray] = {}
        for placed in self._plan.arrays:
            kind = np.result_type(*(rest[part.parameter] for part in placed.parts))
            grid = np.zeros(tuple(size.at(sizes) for size in placed.grid), kind)
            for part in placed.parts:
                source = rest[part.parameter][:, _slice(part.of, sizes)]
                grid[_slice(part.rows, sizes), _slice(part.columns, sizes)] = source
                source[...] = 0  # a view: each number is written once
            stored = grid.T if placed.array.transposed else grid
            found[placed.array.name] = np.ascontiguousarray(stored).reshape(_at(placed.shape, sizes))
        return found

    def of_other_layers(self, arrays: Iterable[str]) -> tuple[str, ...]:
        """Those of the arrays that are called as this layout's are but for the suffix: `weight_ih_l1`."""
        own = self.shapes
        return tuple(name for name in arrays if name not in own and self._suffix(name) is not None)

    def _suffix(self, name: str) -> str | None:
        """The suffix of an array of some layer; None of any other array."""
        ends = [name[len(stem) :] for stem in self.suffixed if isinstance(name, str) and name.startswith(stem)]
        return next((end for end in ends if re.fullmatch(SUFFIX, end)), None)

    def _asked(self, arrays: Iterable[str], others: Sequence[str]) -> str:
        """The message that asks which of several layers is meant."""
        suffixes = dict.fromkeys(suffix for name in arrays if (suffix := self._suffix(name)) is not None)
        own = [f'suffix="{suffix}"' for suffix in suffixes]
        command = f"{self.name.rpartition('.')[2]}:{[*suffixes][-1]}"
        return (
            f"{self.name}: arrays {list(others)} are of other layers and would be lost; say which layer is meant, "
            f"{' or '.join(own)} ({command} on the command line), and convert each by itself"
        )

    def _taken(
        self, kind: str, shapes: Mapping[str, Shape], given: Mapping[str, ArrayLike]
    ) -> tuple[dict[str, NumPyArray], dict[str, int]]:
        """The given arrays as NumPy's, and the sizes that they show."""
        require_names(f"{self.name}: {kind}", shapes, given)
        arrays = {name: as_numpy(f"{self.name}: {kind} `{name}`", given[name]) for name in shapes}
        return arrays, solved(f"{self.name}: {kind}", shapes, arrays)

    def _kinds(self, given: Mapping[str, NumPyArray]) -> dict[str, np.dtype[Any]]:
        """Parameter → the dtype of the arrays that carry it."""
        carriers: dict[str, list[NumPyArray]] = {}
        for placed in self._plan.arrays:
            for part in placed.parts:
                carriers.setdefault(part.parameter, []).append(given[placed.array.name])
        return {name: np.result_type(*arrays) for name, arrays in carriers.items()}


def _as_grid(placed: PlacedArray, stored: NumPyArray, sizes: Mapping[str, int]) -> NumPyArray:
    rows, columns = (size.at(sizes) for size in placed.grid)
    return stored.reshape(columns, rows).T if placed.array.transposed else stored.reshape(rows, columns)


def _at(shape: Iterable[Size], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(size.at(sizes) for size in shape)


def _grid(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    """A parameter's shape as rows and columns: a vector is one column."""
    known = _at(shape, sizes)
    return math.prod(known[:1]), math.prod(known[1:])


def _slice(span: Span, sizes: Mapping[str, int]) -> slice:
    return slice(span[0].at(sizes), span[1].at(sizes))
