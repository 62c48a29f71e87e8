"""The values that make a layout: parts of parameters, and the foreign arrays that have slots for them."""

from __future__ import annotations

from dataclasses import dataclass


class LayoutError(ValueError):
    """A layout that does not fit its cell, or arrays that do not fit a layout."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a parameter of the equations: all of it, or the columns that act on one operand.

    Attributes:
        parameter: Its name in the equations.
        operand: Which of `check.columns(cell, parameter)` it is; None for the whole parameter.

    """

    parameter: str
    operand: int | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """An array of another implementation: a grid of parts.

    Attributes:
        name: Its name in the other implementation.
        grid: Rows of parts below one another, parts of a row side by side. A vector is one column, a scalar one entry.
            None is a slot for which the cell has nothing: ignored when read, zeros when written.
        transposed: Whether the array is the transpose of the grid, (inputs, outputs) as x @ kernel wants it.
        lead: It is stored reshaped: the first axis, of size s, is the axes (*lead, s / product of lead);
            a scalar has no axis of its own, so that it is stored as (*lead,), all 1.

    """

    name: str
    grid: tuple[tuple[Part | None, ...], ...]
    transposed: bool = False
    lead: tuple[int, ...] = ()
