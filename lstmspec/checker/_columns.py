"""Columns of a matrix by operand: those of `W_f` in `W_f @ concat(x, h)` belong to x and to h.

Initial values and other libraries' weights are given by these parts: a kernel for the input, one for the state.
"""

from __future__ import annotations

from ..language import HasSystem, System, system_of
from ..nodes import Name
from ._check import check
from ._operands import Columns, parts


def columns(cell: System | HasSystem, parameter: Name) -> tuple[Columns, ...]:
    """The parts of a matrix W that acts on one concatenation only, W @ concat(u, v); none for anything else.

    A matrix that acts on one vector has one part. Raises SpecError when the cell is ill-shaped.
    """
    system = system_of(cell)
    return parts(system, check(system).require().of, parameter)
