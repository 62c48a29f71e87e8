"""Mutations of declarations and of whole equations: one row for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, permutations

from lstmspec.language import Equation, Role, System
from lstmspec.nodes import Node, names_in
from lstmspec.nodes import replace as rewritten
from lstmspec.sizes import Size

from .edits import Edit
from .verdicts import dimensions

ONE, TWO = Size.of(1), Size.of(2)
DeclaredShape = tuple[Size | None, ...]
Rule = Callable[[DeclaredShape, list[Size]], Iterator[DeclaredShape | None]]


def renamed(size: Size, names: Mapping[str, str]) -> Size:
    """A size with dimension symbols exchanged."""
    return size.substitute(lambda atom: Size.of(names[atom]) if atom in names else None)


def _each(change: Callable[[Size, list[Size]], Iterator[Size | None]]) -> Rule:
    """The rule that changes one size of a shape."""

    def rule(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
        for axis, size in enumerate(shape):
            for new in change(size, sizes) if size is not None else ():
                yield (*shape[:axis], new, *shape[axis + 1 :])

    return rule


def exchanged(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n+k) → Weight(n, k+n)"""
    for left, right in combinations((str(size) for size in sizes), 2):
        yield tuple(None if size is None else renamed(size, {left: right, right: left}) for size in shape)


def _other(size: Size, sizes: list[Size]) -> Iterator[Size | None]:
    yield from sizes
    if len(size.terms) > 1:
        yield from (Size({monomial: factor}) for monomial, factor in size.terms.items())


def _grown(size: Size, sizes: list[Size]) -> Iterator[Size | None]:
    yield from (size + ONE, size * TWO, *(size + other for other in sizes), *(size * other for other in sizes))


def _fixed(size: Size, sizes: list[Size]) -> Iterator[Size | None]:
    yield from (ONE, TWO, Size.of(7))


def _unsaid(size: Size, sizes: list[Size]) -> Iterator[Size | None]:
    yield None


def transposed(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(n, k)"""
    yield tuple(reversed(shape))


def to_scalar(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
    """Bias(k) → Bias(())"""
    yield ()


def another_rank(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(k), Weight(n); Bias(k) → Bias(k, n), Bias(k, 1)"""
    if len(shape) == 2:
        yield from ((size,) for size in shape)
    elif len(shape) == 1:
        yield from ((*shape, size) for size in (*sizes, ONE))
        yield from ((size, *shape) for size in (*sizes, ONE))
    else:
        yield from ((size,) for size in (*sizes, ONE))


def undeclared(shape: DeclaredShape, sizes: list[Size]) -> Iterator[DeclaredShape | None]:
    """Weight(k, n) → Weight(): not even its rank is said"""
    yield None


KINDS: Mapping[str, Rule] = {
    "exchange n and k in a declaration": exchanged,
    "another size in a declaration": _each(_other),
    "a larger size in a declaration": _each(_grown),
    "a number in a declaration": _each(_fixed),
    "a size left out": _each(_unsaid),
    "transpose a declaration": transposed,
    "declare a scalar": to_scalar,
    "declare another rank": another_rank,
    "declare nothing": undeclared,
}


def edits(system: System) -> Iterator[Edit]:
    """Every mutation of every declaration."""
    sizes = [Size.of(name) for name in dimensions(system)]
    for symbol in system.symbols.values():
        if symbol.role is Role.CONSTANT or symbol.shape is None:
            continue
        for kind, rule in KINDS.items():
            # Nothing infers an input without a rank: `Input()` is a vector.
            if kind == "declare nothing" and symbol.role is Role.INPUT:
                continue
            for shape in rule(symbol.shape, sizes):
                yield Edit(kind, {symbol.name: replace(symbol, shape=shape)})


# -- whole equations ---------------------------------------------------------------------------------------------------


def remove_next(system: System) -> Iterator[Edit]:
    """A state without its next value."""
    for state in system.states:
        yield Edit("remove a state's next", {f"{state}.next": None})


def exchange_equations(system: System) -> Iterator[Edit]:
    """Two equations with each other's right side."""
    for left, right in combinations(system.equations.values(), 2):
        changes = {left.name: replace(left, expr=right.expr), right.name: replace(right, expr=left.expr)}
        yield Edit("exchange two equations", changes)


def exchange_names(system: System) -> Iterator[Edit]:
    """Two names for each other in one equation: two states mixed, two inputs, a state and an input."""
    for equation in system.equations.values():
        for left, right in combinations(names_in(equation.expr), 2):
            yield Edit("exchange two names", {equation.name: _mapped(equation, {left: right, right: left})})


def another_name_throughout(system: System) -> Iterator[Edit]:
    """One name for another wherever an equation reads it."""
    for equation in system.equations.values():
        for old, new in permutations([*system.symbols, *system.equations], 2):
            if old in names_in(equation.expr):
                yield Edit("another name throughout", {equation.name: _mapped(equation, {old: new})})


def exchange_sizes(system: System) -> Iterator[Edit]:
    """n and k for each other in all slices and ones of one equation."""
    for equation in system.equations.values():
        for left, right in combinations(dimensions(system), 2):
            names = {left: right, right: left}

            def exchanged_in(node: Node, names: Mapping[str, str] = names) -> Node:
                attrs = tuple(renamed(attr, names) if isinstance(attr, Size) else attr for attr in node.attrs)
                return node if attrs == node.attrs else Node(node.op, node.args, attrs, node.site)

            new = replace(equation, expr=rewritten(equation.expr, exchanged_in))
            yield Edit("exchange n and k in an equation", {equation.name: new})


def _mapped(equation: Equation, names: Mapping[str, str]) -> Equation:
    def rule(node: Node) -> Node:
        name = names.get(node.name) if node.op == "ref" else None
        return node if name is None else Node("ref", (), (name,), node.site)

    return replace(equation, expr=rewritten(equation.expr, rule))


WHOLE: Mapping[str, Callable[[System], Iterator[Edit]]] = {
    "remove a state's next": remove_next,
    "exchange two equations": exchange_equations,
    "exchange two names": exchange_names,
    "another name throughout": another_name_throughout,
    "exchange n and k in an equation": exchange_sizes,
}
