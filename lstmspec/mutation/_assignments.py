"""Shapes of a system at given sizes, by evaluation; sizes that are not declared are searched for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from ..language import Symbol, System
from ..nodes import Name, names_in
from ._evaluation import Different, evaluated, shape_of
from ._integers import solutions
from ._needs import Form, Gathered, Length, Lengths, Refused, at
from ._rules import RULES, Attributes

Sizes = Mapping[str, int]
Shape = tuple[int, ...]
Shapes = Mapping[Name, Shape]


def ordered(system: System) -> list[Name]:
    """The equations that can be evaluated, each after what it reads: by rounds, as slow as it is plain."""
    reads = {name: names_in(equation.expr) for name, equation in system.equations.items()}
    done: list[Name] = []
    while ready := [
        name for name in reads if name not in done and all(n in done or n not in reads for n in reads[name])
    ]:
        done += ready
    return done


def assignments(system: System, sizes: Sizes) -> Iterator[Shapes]:
    """The shape of every name, for each way to choose the unknown sizes; at most two. Raises Refused for none.

    A symbol of which not even the rank is declared is a vector where that can be, else a matrix: scalars are declared.
    """
    refused = Refused("no whole sizes fit")
    for ranks in _ranks(system):
        try:
            found = list(_solved(system, *_declarations(system, ranks, sizes), sizes))
        except Refused as error:
            refused = error
            continue
        if found:
            yield from found
            return
    raise refused


def is_told_by_positivity(system: System, sizes: Sizes) -> bool:
    """Whether the assignment of a well-shaped system is the only one because no size is zero: `a + b*k = 2*k`."""
    for ranks in _ranks(system):
        symbols, unknowns = _declarations(system, ranks, sizes)
        try:
            needs = _gathered(system, symbols, sizes)
        except Refused:
            continue
        if any(solutions(unknowns, needs)):
            return len(list(solutions(unknowns, needs, least=0))) > 1
    return False


def _ranks(system: System) -> Iterator[dict[Name, int]]:
    """Ranks for the symbols that are declared without one; vectors first."""
    unranked = [name for name, symbol in system.symbols.items() if symbol.shape is None]
    for ranks in itertools.product((1, 2), repeat=len(unranked)):
        yield dict(zip(unranked, ranks, strict=True))


def _declarations(system: System, ranks: Mapping[Name, int], sizes: Sizes) -> tuple[dict[Name, Lengths], list[str]]:
    """The declared shapes, and the unknowns in them."""
    unknowns: list[str] = []
    symbols = {name: _declared(symbol, ranks.get(name, 0), sizes, unknowns) for name, symbol in system.symbols.items()}
    return symbols, unknowns


def _declared(symbol: Symbol, rank: int, sizes: Sizes, unknowns: list[str]) -> Lengths:
    """The declared shape; each size that is not said is a new unknown. `rank` is for a symbol without a shape."""
    shape: list[Length] = []
    for axis, size in enumerate((None,) * rank if symbol.shape is None else symbol.shape):
        if size is None:
            unknowns.append(f"{symbol.name}[{axis}]")
            shape.append(Form(0, {unknowns[-1]: 1}))
        elif size.at(sizes) < 1:
            raise Refused(f"{symbol.name} has size {size.at(sizes)}")
        else:
            shape.append(size.at(sizes))
    return tuple(shape)


def _solved(system: System, symbols: Mapping[Name, Lengths], unknowns: Sequence[str], sizes: Sizes) -> Iterator[Shapes]:
    if not unknowns:
        yield evaluation(system, {name: at(shape, {}) for name, shape in symbols.items()}, sizes)
        return
    for values in solutions(unknowns, _gathered(system, symbols, sizes)):
        chosen = {name: at(shape, values) for name, shape in symbols.items()}
        try:
            yield evaluation(system, chosen, sizes)
        except Refused as error:
            raise Different(f"{chosen} solves the equations of {system.name} and does not evaluate: {error}") from error


def _gathered(system: System, symbols: Mapping[Name, Lengths], sizes: Sizes) -> Gathered:
    """The equations and bounds that the unknown sizes in these shapes must satisfy. Raises Refused."""
    needs = Gathered()

    def apply(op: str, attrs: Attributes, shapes: Sequence[Lengths]) -> Lengths:
        return RULES[op](needs, attrs, *shapes)

    names = dict(symbols)
    for name in ordered(system):
        names[name] = shape_of(system.equations[name].expr, names, sizes, apply)
    for state in system.states:
        if len(names[state]) != len(names[state.next]):
            raise Refused(f"{state} and its next value have different ranks")
        for before, after in zip(names[state], names[state.next], strict=True):
            needs.equal(before, after)
    return needs


def evaluation(system: System, symbols: Shapes, sizes: Sizes) -> Shapes:
    """The shape of every name when the symbols are arrays of these shapes. Raises Refused."""

    def apply(op: str, attrs: Attributes, shapes: Sequence[Shape]) -> Shape:
        return evaluated(op, attrs, tuple(shapes))

    names = dict(symbols)
    for name in ordered(system):
        try:
            names[name] = shape_of(system.equations[name].expr, names, sizes, apply)
        except Refused as error:
            raise Refused(f"{name}: {error}") from error
    for state in system.states:
        if names[state] != names[state.next]:
            raise Refused(f"{state} is {names[state]}, its next value {names[state.next]}")
    return names
