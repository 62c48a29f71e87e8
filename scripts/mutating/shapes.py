"""Shapes of a system at given sizes, by evaluation; sizes that are not declared are searched for."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence

from lstmspec.language import Symbol, System
from lstmspec.nodes import names_in

from .integers import Form, Gathered, solutions
from .rules import RULES, AnyShape, Different, Refused, evaluated, shape_of

Sizes = Mapping[str, int]
Shapes = Mapping[str, tuple[int, ...]]


def ordered(system: System) -> list[str]:
    """The equations that can be evaluated, each after what it reads: by rounds, as slow as it is plain."""
    reads = {name: names_in(equation.expr) for name, equation in system.equations.items()}
    done: list[str] = []
    while ready := [
        name for name in reads if name not in done and all(n in done or n not in reads for n in reads[name])
    ]:
        done += ready
    return done


def assignments(system: System, sizes: Sizes) -> Iterator[Shapes]:
    """The shape of every name, for each way to choose the unknown sizes; at most two. Raises Refused for none.

    A symbol of which not even the rank is declared is a vector where that can be, else a matrix: scalars are declared.
    """
    unranked = [symbol.name for symbol in system.symbols.values() if symbol.shape is None]
    refused = Refused("no whole sizes fit")
    for ranks in itertools.product((1, 2), repeat=len(unranked)):
        unknowns: list[str] = []
        ranked = dict(zip(unranked, ranks, strict=True))
        try:
            symbols = {symbol.name: _declared(symbol, sizes, ranked, unknowns) for symbol in system.symbols.values()}
            found = list(_solved(system, symbols, sizes, unknowns))
        except Refused as error:
            refused = error
            continue
        if found:
            yield from found
            return
    raise refused


def _declared(symbol: Symbol, sizes: Sizes, ranks: Mapping[str, int], unknowns: list[str]) -> AnyShape:
    declared = symbol.shape if symbol.shape is not None else (None,) * ranks[symbol.name]
    shape: list[Form | int] = []
    for axis, size in enumerate(declared):
        if size is None:
            unknowns.append(f"{symbol.name}[{axis}]")
            shape.append(Form(0, {unknowns[-1]: 1}))
        elif size.at(sizes) < 1:
            raise Refused(f"{symbol.name} has size {size.at(sizes)}")
        else:
            shape.append(size.at(sizes))
    return tuple(shape)


def _solved(system: System, symbols: Mapping[str, AnyShape], sizes: Sizes, unknowns: list[str]) -> Iterator[Shapes]:
    if not unknowns:
        yield evaluation(system, symbols, sizes)
        return
    needs = Gathered()

    def apply(op: str, attrs: tuple[Hashable, ...], shapes: Sequence[AnyShape]) -> AnyShape:
        return RULES[op](needs, attrs, *shapes)

    names = dict(symbols)
    for name in ordered(system):
        names[name] = shape_of(system.equations[name].expr, names, sizes, apply)
    for state in system.states:
        _same_rank(names, state)
        for before, after in zip(names[state], names[f"{state}.next"], strict=True):
            needs.equal(before, after)
    for values in solutions(unknowns, needs):
        chosen = {
            name: tuple(size.at(values) if isinstance(size, Form) else size for size in shape)
            for name, shape in symbols.items()
        }
        try:
            yield evaluation(system, chosen, sizes)
        except Refused as error:
            raise Different(f"{chosen} solves the equations of {system.name} and does not evaluate: {error}") from error


def evaluation(system: System, symbols: Mapping[str, AnyShape], sizes: Sizes) -> Shapes:
    """The shape of every name when the symbols are arrays of these shapes. Raises Refused."""

    def apply(op: str, attrs: tuple[Hashable, ...], shapes: Sequence[AnyShape]) -> AnyShape:
        return evaluated(op, attrs, tuple(shapes))

    names = dict(symbols)
    for name in ordered(system):
        try:
            names[name] = shape_of(system.equations[name].expr, names, sizes, apply)
        except Refused as error:
            raise Refused(f"{name}: {error}") from error
    for state in system.states:
        if names[state] != names[f"{state}.next"]:
            raise Refused(f"{state} is {names[state]}, its next value {names[f'{state}.next']}")
    return names


def _same_rank(names: Mapping[str, AnyShape], state: str) -> None:
    if len(names[state]) != len(names[f"{state}.next"]):
        raise Refused(f"{state} and its next value have different ranks")
