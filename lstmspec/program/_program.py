"""Programs: ordered, shaped assignments, placed before, in or after the loop over time. This is what is emitted."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from ..nodes import Name, Node
from ..sizes import Shape


class Section(enum.IntEnum):
    """Where an assignment stands; each section may read those before it."""

    ONCE = 0  # depends on parameters alone: no time, no batch
    BEFORE = 1  # for all steps at once, before the loop
    LOOP = 2  # in each step
    AFTER = 3  # for all steps at once, after the loop


@dataclass(frozen=True, slots=True)
class Line:
    """`name = expr`, which computes an equation, or a part of one: then the name is another."""

    name: Name
    expr: Node
    shape: Shape
    section: Section
    equation: Name


@dataclass(frozen=True)
class Program:
    """A scheduled recurrence.

    Attributes:
        lines: In order; those of one section may only read names of the same or an earlier section.
        section: Where each name gets its value. Sequences count as BEFORE, carries as LOOP.
        shapes: Each name's shape without time and batch.
        carries: Symbol → the name that it becomes for the step that runs next.
        sequences: Symbols given for every step.
        recorded: Names computed in the loop that are kept for every step.
        histories: Carried symbols that are kept for every step, the first value and the last one included.
        stacked: Names wanted for every step.
        summed: Names wanted summed over time and batch.
        aliases: Names that are another one, which have no line.
        reverse: Whether the last step runs first.

    """

    lines: tuple[Line, ...]
    section: Mapping[Name, Section]
    shapes: Mapping[Name, Shape]
    carries: Mapping[Name, Name]
    sequences: tuple[Name, ...]
    recorded: tuple[Name, ...]
    histories: tuple[Name, ...]
    stacked: tuple[Name, ...]
    summed: tuple[Name, ...]
    aliases: Mapping[Name, Name]
    reverse: bool

    def at(self, section: Section) -> tuple[Line, ...]:
        """The lines of one section, in order."""
        return tuple(line for line in self.lines if line.section is section)

    def target(self, name: Name) -> Name:
        """The name that has the value: itself, or the one that it is an alias of."""
        while name in self.aliases:
            name = self.aliases[name]
        return name
