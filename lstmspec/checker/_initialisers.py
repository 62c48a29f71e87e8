"""Initialisers that do not fit their parameters: the identity of a matrix that is not square, and their like.

A parameter is initialised by parts: a matrix by the columns that act on one operand each, all else as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..diagnostics import Code, Diagnostic
from ..language import RULES, Fits, Initialiser, Symbol, System
from ..nodes import Name
from ..sizes import Shape
from ._operands import Columns, parts


@dataclass(frozen=True, slots=True)
class InitialPart:
    """A part of a parameter with its initialiser; `columns` are its own of a matrix, None for a whole parameter."""

    initialiser: Initialiser | None
    shape: Shape
    columns: Columns | None = None


def initial_parts(system: System, shapes: Mapping[Name, Shape], parameter: Name) -> tuple[InitialPart, ...]:
    """The parts of a parameter, from left to right, each with its initialiser.

    Raises:
        ValueError: a tuple has not one initialiser for each operand; `unfit` finds that.

    """
    given, shape = system.symbols[parameter].initial, shapes[parameter]
    if given is None:
        return (InitialPart(None, shape),)
    found = _operands(system, shapes, parameter)
    if not isinstance(given, tuple):
        return tuple(InitialPart(given, (shape[0], part.size), part) for part in found) or (InitialPart(given, shape),)
    return tuple(InitialPart(own, (shape[0], part.size), part) for own, part in zip(given, found, strict=True))


def unfit(system: System, shapes: Mapping[Name, Shape]) -> Iterator[Diagnostic]:
    """A finding for each parameter whose initialisers do not fit its parts."""
    for symbol in (system.symbols[name] for name in system.parameters):
        operands = _operands(system, shapes, symbol.name) if symbol.initial is not None else ()
        if isinstance(symbol.initial, tuple) and len(symbol.initial) != len(operands):
            yield _miscounted(system, symbol, len(symbol.initial), operands)
            continue
        for part in initial_parts(system, shapes, symbol.name):
            if part.initialiser is not None and not _fits(RULES[part.initialiser.rule], part.shape):
                yield _misfit(system, symbol, part.initialiser, part, operands)
                break


def _operands(system: System, shapes: Mapping[Name, Shape], parameter: Name) -> tuple[Columns, ...]:
    return parts(system, shapes, parameter) if len(shapes[parameter]) == 2 else ()


def _fits(needed: Fits, shape: Shape) -> bool:
    if needed is Fits.SQUARE:
        return len(shape) == 2 and shape[0] == shape[1]
    return needed is Fits.ALL or len(shape) == {Fits.VECTOR: 1, Fits.MATRIX: 2}[needed]


def _misfit(
    system: System, symbol: Symbol, wrong: Initialiser, part: InitialPart, operands: tuple[Columns, ...]
) -> Diagnostic:
    what = f"`{symbol.name}`"
    if len(operands) > 1 and part.columns is not None:
        what = f"the columns of {what} that act on `{part.columns.operand}`"
    help_ = f"init.{', init.'.join(rule for rule, fits in RULES.items() if _fits(fits, part.shape))}".replace(
        "init.constant", "a number"
    )
    notes = [
        f"init.{wrong.rule} is for {RULES[wrong.rule].value}; the shape is ({', '.join(str(s) for s in part.shape)})"
    ]
    if len(operands) > 1 and not isinstance(symbol.initial, tuple):
        notes.append("a tuple has one initialiser for each operand; None in it is the default")
    message = f"init.{wrong} does not fit {what}"
    return Diagnostic(Code.LS211, message, symbol.site, system.name, notes=tuple(notes), help=f"here fit {help_}")


def _miscounted(system: System, symbol: Symbol, count: int, operands: tuple[Columns, ...]) -> Diagnostic:
    message = f"init of `{symbol.name}` has {count} initialiser{'' if count == 1 else 's'} for {len(operands)} operands"
    notes = [f"it acts on {', '.join(f'`{part.operand}`' for part in operands)}"]
    help_ = "one for each operand, in this order, or one for all; None is the default"
    if not operands:
        message = f"init of `{symbol.name}` is a tuple, which is for a matrix that acts on one concatenation"
        notes, help_ = [], "give one initialiser for all of it"
    return Diagnostic(Code.LS211, message, symbol.site, system.name, notes=tuple(notes), help=help_)
