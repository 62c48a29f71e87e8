"""What every backend emits of a cell: its passes, scheduled, and the names and shapes at their boundaries."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..checker import Shapes, blocks, check
from ..language import Initial, Role, Symbol, System, sequence_name, spelled
from ..nodes import Name
from ..program import Passes, Program, lower, passes, schedule
from ..sizes import Shape, Size
from ._printer import shape_code, size_code


@dataclass(frozen=True, slots=True)
class Field:
    """An array at a boundary: its name in code, its axes as jaxtyping reads them, and its own shape."""

    name: str
    axes: str
    shape: Shape

    def full(self, lead: str) -> str:
        """The code of its shape behind these axes."""
        return shape_code(self.shape, lead)


@dataclass(frozen=True, slots=True)
class SizeSource:
    """Where a dimension symbol is read off: `array.shape[axis]` is `factor * dim + rest`."""

    dim: str
    array: str
    axis: int
    factor: Size
    rest: Size

    @property
    def tuple(self) -> str:
        """The code of what `checked` wants to know."""
        return f'("{self.array}", {self.axis}, "{self.factor}", "{self.rest}")'

    def code(self, array: str, known: str) -> str:
        """The code that computes it; `known` spells a dimension that is known already."""

        def spelled_out(size: Size) -> str:
            return size_code(size.substitute(lambda atom: Size.of(known % atom)))

        text = f"{array}.shape[{self.axis}]"
        if self.rest.terms:
            text = f"{text} - ({spelled_out(self.rest)})"
        if self.factor.constant == 1:
            return text
        return f"({text}) // ({spelled_out(self.factor)})"


@dataclass(frozen=True, slots=True)
class View:
    """One of `count` equal parts of a packed array, under a name of its own."""

    name: str
    axes: str
    array: str
    place: int
    count: int


class Model:
    """A cell, checked, lowered, differentiated twice and scheduled."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.spec: Shapes = check(system).require()
        self.lowered, self.stored = lower(system)
        self.passes: Passes = passes(self.lowered)
        self.outputs: Program = schedule(self.passes.outputs, keep=tuple(system.equations))
        self.forward: Program = schedule(self.passes.forward, keep=tuple(system.equations))
        self.backward: Program = schedule(self.passes.backward)
        self.recording: Program = schedule(self.passes.backward_recording)
        self.tangent: Program = schedule(self.passes.tangent)
        self.again: Program = schedule(self.passes.again)
        self.shapes: Mapping[Name, Shape] = check(self.lowered).require().of

    @property
    def module(self) -> str:
        """The folder that holds the cell: `LSTM` → lstm, `GRUResetBefore` → gru_reset_before."""
        return folder(self.system.name)

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimension symbols, in declared order."""
        return self.spec.dims

    @property
    def constants(self) -> tuple[Symbol, ...]:
        """The numbers that users may set."""
        return tuple(self.system.symbols[name] for name in self.system.having(Role.CONSTANT))

    @property
    def declared(self) -> Mapping[str, str]:
        """The parameters whose first values are declared, with these in words."""
        symbols = (self.system.symbols[name] for name in self.system.parameters)
        return {symbol.name: _start(symbol.initial) for symbol in symbols if symbol.initial is not None}

    @functools.cached_property
    def draws(self) -> bool:
        """Whether some first values are not declared: those are drawn from ±1/sqrt(bound_size)."""
        return any(
            block.initialiser is None
            for name in self.system.parameters
            for block in blocks(self.system, self.spec.of, name)
        )

    @property
    def bound_size(self) -> Size:
        """The size of the first state; 1 for a scalar."""
        return (Size.of(1), *self.shapes[self.system.states[0]])[-1]

    @functools.cached_property
    def parameters(self) -> tuple[Field, ...]:
        """The stored arrays."""
        return tuple(Field(array.name, axes(array.shape), array.shape) for array in self.stored)

    @functools.cached_property
    def inputs(self) -> tuple[Field, ...]:
        """The input sequences; `x` is `xs`."""
        return tuple(
            Field(sequence_name(name), axes(self.shapes[Name(name)], "time batch"), self.shapes[Name(name)])
            for name in self.system.inputs
        )

    @functools.cached_property
    def states(self) -> tuple[Field, ...]:
        """The states of one time."""
        return tuple(
            Field(name, axes(self.shapes[Name(name)], "batch"), self.shapes[Name(name)]) for name in self.system.states
        )

    @property
    def output(self) -> Field:
        """What is emitted at every step."""
        shape = self.shapes[self.system.output]
        return Field("ys", axes(shape, "time batch"), shape)

    @functools.cached_property
    def tape(self) -> Mapping[str, Field]:
        """What the forward pass keeps, by name in code: values of all steps; states have the first value too."""
        fields: dict[str, Field] = {}
        for name in self.passes.tape:
            if name in self.system.inputs:
                continue
            state = name.removesuffix(".next")
            if self.carried(name):
                fields[state] = Field(
                    spelled(state), axes(self.shapes[Name(state)], "time+1 batch"), self.shapes[Name(state)]
                )
            else:
                fields[name] = Field(
                    spelled(name), axes(self.shapes[Name(name)], "time batch"), self.shapes[Name(name)]
                )
        return fields

    def carried(self, name: str) -> bool:
        """Whether a value lies in the array of a carried one."""
        return name in self.forward.kept

    def from_tape(self, name: str) -> str:
        """The code of a value of all steps where the tape's fields are `all_f`, …"""
        if name in self.system.inputs:
            return sequence_name(name)
        if self.carried(name):
            cut = "1:" if name.endswith(".next") else ":-1"
            return f"all_{spelled(name.removesuffix('.next'))}[{cut}]"
        return f"all_{spelled(name)}"

    # -- parameters under the names of the equations -----------------------------------------------------------------

    @functools.cached_property
    def spec_parameters(self) -> tuple[Field, ...]:
        """The parameters as the equations have them."""
        return tuple(Field(name, axes(self.spec.of[name]), self.spec.of[name]) for name in self.system.parameters)

    @functools.cached_property
    def views(self) -> tuple[View, ...]:
        """Rows of packed arrays that belong to one parameter of the equations."""
        taken = {field.name for field in (*self.parameters, *self.spec_parameters)}  # membership only
        found: list[View] = []
        for array in self.stored:
            for place, block in enumerate(array.blocks if len(array.blocks) > 1 else ()):
                whole = block.shape == self.spec.of[block.parameter]
                name = block.parameter if whole else f"{block.parameter}_{array.name.partition('_')[2]}"
                if whole or name not in taken:
                    found.append(View(name, axes(block.shape), array.name, place, len(array.blocks)))
        return tuple(found)

    @functools.cached_property
    def unpacked(self) -> Mapping[str, tuple[str, ...]]:
        """For each parameter of the equations the code of its parts, side by side; `{}` stands around array names."""
        parts: dict[str, list[tuple[int, str]]] = {name: [] for name in self.system.parameters}
        order = {dim: 1009 + place for place, dim in enumerate(self.dims)}
        for array in self.stored:
            for place, block in enumerate(array.blocks):
                whole = f"{{}}{array.name}"
                code = f"part({whole}, {place}, {len(array.blocks)})" if len(array.blocks) > 1 else whole
                first = block.start.at(order) if block.start is not None else 0
                parts[block.parameter].append((first, code))
        return {name: tuple(code for _, code in sorted(found)) for name, found in parts.items()}

    @functools.cached_property
    def packed(self) -> Mapping[str, tuple[str, ...]]:
        """For each stored array the code of its parts, below one another, taken from a dict `spec`."""
        found: dict[str, tuple[str, ...]] = {}
        for array in self.stored:
            parts = []
            for block in array.blocks:
                whole = block.shape == self.spec.of[block.parameter]
                columns = "" if whole or block.start is None or block.stop is None else (
                    f"[:, {size_code(block.start)}:{size_code(block.stop)}]"
                )  # fmt: skip
                parts.append(f'spec["{block.parameter}"]{columns}')
            found[array.name] = tuple(parts)
        return found


def _start(initial: Initial) -> str:
    if isinstance(initial, tuple):
        return f"({', '.join(_start(part) for part in initial)})"
    return "default" if initial is None else str(initial)


def folder(name: str) -> str:
    """A class name as a module name: capitals that start a word get an underscore in front."""
    text = ""
    for index, letter in enumerate(name):
        starts = letter.isupper() and index and (name[index - 1].islower() or name[index + 1 : index + 2].islower())
        text += ("_" if starts else "") + letter.lower()
    return text


def axes(shape: Shape, lead: str = "") -> str:
    """A shape in jaxtyping's words: `time batch 4*k`."""
    return " ".join(part for part in (lead, *(str(size) for size in shape)) if part)


def sources(dims: Sequence[str], fields: Iterable[Field]) -> tuple[SizeSource, ...]:
    """For each dimension an axis that shows it: by itself, or with others that are known by then.

    Dimensions that no axis shows are missing.
    """
    known: dict[str, SizeSource] = {}
    every = tuple(fields)
    while found := [source for dim in dims if dim not in known for source in _showing(dim, every, known)]:
        best = min(found, key=lambda source: (bool(source.rest.terms), source.factor.at(_like(source.factor))))
        known[best.dim] = best
    return tuple(known.values())


def _like(size: Size) -> dict[str, int]:
    return dict.fromkeys(size.atoms, 1009)


def _showing(dim: str, fields: Iterable[Field], known: Mapping[str, SizeSource]) -> Iterator[SizeSource]:
    for field in fields:
        for axis, size in enumerate(field.shape):
            own = Size({monomial: factor for monomial, factor in size.terms.items() if dim in monomial})
            rest = size - own
            factor = own.divided_by(Size.of(dim)) if own.terms else None
            if factor is None or dim in factor.atoms or any(atom not in known for atom in factor.atoms + rest.atoms):
                continue
            yield SizeSource(dim, field.name, axis - len(field.shape), factor, rest)
