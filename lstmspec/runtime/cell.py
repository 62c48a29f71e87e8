"""What a generated package says of a cell, as tables: the runtime makes models of it, whatever the cell."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from .sizes import names, shown_by


@dataclass(frozen=True)
class Start:
    """What a piece starts from, or columns `start` to `stop` of it: a rule with its numbers."""

    rule: str
    numbers: tuple[float, ...] = ()
    start: str = ""
    stop: str = ""


@dataclass(frozen=True)
class Piece:
    """Columns `start` to `stop` of a parameter of the equations, or all of it, with what it starts from.

    What is not declared is drawn uniformly from ±1/sqrt(size of the first state).
    """

    parameter: str
    start: str = ""
    stop: str = ""
    first: tuple[Start, ...] = ()


@dataclass(frozen=True)
class Stored:
    """An array that a model keeps: pieces of equally many rows below one another."""

    axes: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Source:
    """Where a dimension is read off: an axis of an array, counted from the last, has size factor * dim + rest."""

    dim: str
    array: str
    axis: int
    factor: str = "1"
    rest: str = "0"


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        name: Its name, `LSTM`.
        dims: The dimension symbols.
        inputs: Input → its axes of one step, `{"x": "n"}`.
        states: State → its axes.
        output: The axes of what is emitted.
        emits: Whether that is something else than the first state.
        constants: Constant → its default.
        parameters: Parameter of the equations → its axes.
        stored: Array → how it holds parameters.
        sources: How dimensions are read off, each from an array, with those before it.
        bound: The size whose root bounds first values that are not declared.
        sequences: Input → the name of its values for all steps.

    """

    name: str
    dims: tuple[str, ...]
    inputs: Mapping[str, str]
    states: Mapping[str, str]
    output: str
    emits: bool
    constants: Mapping[str, float]
    parameters: Mapping[str, str]
    stored: Mapping[str, Stored]
    sources: tuple[Source, ...]
    bound: str
    sequences: Mapping[str, str]

    @functools.cached_property
    def state_dims(self) -> tuple[str, ...]:
        """The dimensions that states have."""
        found = frozenset().union(*(names(axes) for axes in self.states.values()))  # membership only
        return tuple(dim for dim in self.dims if dim in found)

    @functools.cached_property
    def shown_dims(self) -> tuple[str, ...]:
        """The dimensions that the parameters of the equations show; users give the others to `from_spec`."""
        return shown_by(self.parameters, self.dims)

    @functools.cached_property
    def hidden_dims(self) -> tuple[str, ...]:
        """The dimensions that no parameter shows."""
        return tuple(dim for dim in self.dims if dim not in self.shown_dims)

    @functools.cached_property
    def hidden_parameter_dims(self) -> tuple[str, ...]:
        """Those of them that parameters have in their axes all the same."""
        found = frozenset().union(*(names(axes) for axes in self.parameters.values()))  # membership only
        return tuple(dim for dim in self.hidden_dims if dim in found)

    @functools.cached_property
    def views(self) -> Mapping[str, tuple[str, int, int]]:
        """Rows of packed arrays that belong to one parameter: name → array, place, count of places."""
        taken = {*self.stored, *self.parameters}  # membership only
        found: dict[str, tuple[str, int, int]] = {}
        for array, stored in self.stored.items():
            for place, piece in enumerate(stored.pieces if len(stored.pieces) > 1 else ()):
                whole = not piece.stop
                name = piece.parameter if whole else f"{piece.parameter}_{array.partition('_')[2]}"
                if whole or name not in taken:
                    found[name] = (array, place, len(stored.pieces))
        return found

    @functools.cached_property
    def first_values(self) -> str:
        """What parameters start from, in words."""
        starts = [piece.first for stored in self.stored.values() for piece in stored.pieces]
        root = f"drawn uniformly from ±1/sqrt({self.bound})"
        if not starts:
            return "there are none"
        if not any(starts):
            return root
        if all(start and all(one.rule for one in start) for start in starts):
            return "as the cell declares"
        return f"{root} unless the cell declares another start"
