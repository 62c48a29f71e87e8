"""A cell as what every backend generates: its records, its five procedures, and how its parameters are stored."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

from ..checker import Shapes, check
from ..grad import name_repeated
from ..language import Initial, Role, Symbol, System, order, sequence_name, spelled
from ..nodes import Name, text
from ..program import Passes, Stored, lower, passes
from ..sizes import Shape
from ._expr import Buffer, Lead
from ._procedure import Record


class Model:
    """A cell, checked, lowered and differentiated twice; its procedures are made when they are asked for."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.spec: Shapes = check(system).require()
        self.lowered, self.stored = lower(system)
        self.passes: Passes = passes(self.lowered)
        self.shapes: Mapping[Name, Shape] = check(self.lowered).require().of

    # -- names and words ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The cell's name."""
        return self.system.name

    @property
    def folder(self) -> str:
        """The folder that holds the cell: `LSTM` → lstm, `GRUResetBefore` → gru_reset_before."""
        return folder(self.system.name)

    @property
    def doc(self) -> str:
        """The cell's docstring; a line about it where it has none."""
        return self.system.doc.strip() or f"The cell {self.system.name}."

    @property
    def equations(self) -> tuple[str, ...]:
        """The equations as text, in the order of evaluation."""
        return tuple(f"{equation.name} = {text(equation.expr)}" for equation in order(name_repeated(self.system)))

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimension symbols, in declared order."""
        return self.spec.dims

    @property
    def constants(self) -> tuple[Symbol, ...]:
        """The numbers that users may set."""
        return tuple(self.system.symbols[name] for name in self.system.having(Role.CONSTANT))

    @property
    def declared_starts(self) -> Mapping[str, str]:
        """The parameters whose first values are declared, with these in words."""
        symbols = (self.system.symbols[name] for name in self.system.parameters)
        return {symbol.name: _in_words(symbol.initial) for symbol in symbols if symbol.initial is not None}

    # -- records -----------------------------------------------------------------------------------------------------

    @functools.cached_property
    def params(self) -> Record:
        """The parameters as they are stored, and the constants."""
        arrays = tuple(Buffer(array.name, Lead.NONE, array.shape, "params") for array in self.stored)
        return Record("Params", arrays, tuple((str(symbol.name), symbol.value or 0.0) for symbol in self.constants))

    @functools.cached_property
    def state(self) -> Record:
        """The states between two steps."""
        return Record("State", tuple(self._buffer(name, Lead.BATCH, "state") for name in self.system.states))

    @functools.cached_property
    def inputs(self) -> tuple[Buffer, ...]:
        """The input sequences; `x` is `xs`."""
        names = self.system.inputs
        return tuple(Buffer(sequence_name(name), Lead.STEPS, self.shapes[name]) for name in names)

    @functools.cached_property
    def outputs(self) -> Buffer:
        """What is emitted at every step."""
        return Buffer("ys", Lead.STEPS, self.shapes[Name(self.system.output)])

    @functools.cached_property
    def tape(self) -> Record:
        """What the backward passes read of the forward pass; of a state all values, the first one included."""
        arrays = (replace(array, record="tape") for array in self.inputs)
        kept = (self._buffer(name, self._lead(name), "tape") for name in self.taped)
        return Record("Tape", (*arrays, *kept))

    @property
    def taped(self) -> tuple[Name, ...]:
        """The names that the tape keeps beside the inputs; a state's previous values have its new ones among them.

        A new value that is the same in every step is kept once, by itself.
        """
        kept = [name for name in self.passes.tape if name not in self.system.inputs]
        return tuple(n for n in kept if self.is_fixed(n) or not (n.is_next and n.base in kept))

    def _lead(self, name: Name) -> Lead:
        return Lead.HISTORY if name in self.system.states else Lead.NONE if self.is_fixed(name) else Lead.STEPS

    def is_fixed(self, name: Name) -> bool:
        """Whether an equation is the same in every step and for every sample."""
        return name in self.passes.fixed

    @functools.cached_property
    def seeds(self) -> Record:
        """Cotangents of values, for every step."""
        return Record("Seeds", tuple(self._buffer(name, Lead.STEPS, "seeds") for name in self.passes.seeded))

    @functools.cached_property
    def adjoints(self) -> Record:
        """The adjoints of values that the tangent pass reads."""
        return Record("Adjoints", tuple(self._buffer(name, Lead.STEPS, "adjoints") for name in self.passes.recorded))

    def _buffer(self, name: Name, lead: Lead, record: str) -> Buffer:
        return Buffer(spelled(name), lead, self.shapes[name], record)

    def stored_in(self, parameter: str) -> tuple[Stored, ...]:
        """The stored arrays that hold parts of a parameter of the equations."""
        return tuple(array for array in self.stored if any(block.parameter == parameter for block in array.blocks))


def _in_words(initial: Initial) -> str:
    if isinstance(initial, tuple):
        return f"({', '.join(_in_words(part) for part in initial)})"
    return "default" if initial is None else str(initial)


def folder(name: str) -> str:
    """A class name as a module name: capitals that start a word get an underscore in front."""
    text_ = ""
    for index, letter in enumerate(name):
        starts = letter.isupper() and index and (name[index - 1].islower() or name[index + 1 : index + 2].islower())
        text_ += ("_" if starts else "") + letter.lower()
    return text_
