"""Reverse mode over equations.

Invariant: the result is a system whose equation `dL/dw` has the shape of `w`, for every w asked for; the checker proves
it before the result is returned. Each equation of the primal that carries an adjoint gives one equation, in reverse
order; what no result needs is not there.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import cast

from ..checker import check, shapes_within
from ..language import Equation, Role, Symbol, System, order
from ..nodes import Name, Node, names_in, number, ref, subnodes
from ..ops import TABLE, ShapeOf
from ..ops import build as b
from ..sizes import Shape, Size, is_at_least
from ._cancel import cancelled
from ._conditions import conditions_in_place
from ._tidy import tidied


def adjoint(system: System, seeds: Mapping[Name, Name], wrt: Sequence[Name], letter: str = "L") -> System:
    """The adjoint of a system.

    Args:
        system: The primal equations.
        seeds: Names of cotangents that come from outside → the name in the primal that each belongs to. A name of the
            primal may have several (an output that is also a state) or none.
        wrt: The names whose adjoints are wanted, `dL/dw` each.
        letter: Of the scalar that is differentiated; another one for the adjoint of an adjoint.

    Returns:
        A system whose symbols are the values of the primal that it needs, and the seeds.

    Raises:
        SpecError: the primal has ill-shaped equations.

    """
    shapes = check(system).require()
    system = conditions_in_place(system)
    names = dict(shapes.of)
    names |= {Name(name).adjoint(letter): shape for name, shape in names.items()}
    names |= {seed: names[name] for seed, name in seeds.items()}
    shape_of = _ShapeOf(names)
    active = depending_on(system, wrt)
    contributions: dict[Name, list[Node]] = {}
    for seed, name in seeds.items():
        contributions.setdefault(name, []).append(ref(seed))
    equations: dict[Name, Equation] = {}
    for equation in reversed(order(system)):
        if equation.name in active and equation.name in contributions:
            name = Name(equation.name).adjoint(letter)
            total = _total(contributions[equation.name], names[name], shape_of)
            equations[name] = Equation(name, total, equation.site)
            _through(equation, ref(name), shape_of, contributions)
    results = [Name(name).adjoint(letter) for name in wrt]
    for name, result in zip(wrt, results, strict=True):
        if result not in equations:
            total = _total(contributions.get(name, []), names[name], shape_of)
            equations[result] = Equation(result, total)
    return _checked(_assembled(system, names, seeds, equations, results, shapes.dims), names)


class _ShapeOf:
    """Shapes of expressions over names, looked up once each."""

    def __init__(self, names: Mapping[Name, Shape]) -> None:
        self.names = names
        self.known: dict[Node, Shape] = {}

    def __call__(self, node: Node) -> Shape:
        if node not in self.known:
            self.known.update(shapes_within(node, self.names))
        return self.known[node]


def depending_on(system: System, wrt: Sequence[Name]) -> set[Name]:
    """The names whose value depends on one of these; for membership only."""
    active = set(wrt)
    for equation in order(system):
        if any(name in active for name in names_in(equation.expr)):
            active.add(equation.name)
    return active


def _through(equation: Equation, ct: Node, shape_of: _ShapeOf, contributions: dict[Name, list[Node]]) -> None:
    """Pull the cotangent of an equation back to the names that it reads."""
    pulled: dict[Node, list[Node]] = {equation.expr: [ct]}
    for node in reversed(list(subnodes(equation.expr))):
        if node not in pulled:
            continue
        if node.op == "ref":
            contributions.setdefault(node.name, []).extend(pulled[node])
        elif node.op != "number":
            answer = ref(equation.name) if node is equation.expr else node
            total = _sum(pulled[node], shape_of(node))
            parts = TABLE[node.op].vjp(node, answer, total, shape_of)
            for arg, part in zip(node.args, parts, strict=bool(parts)):
                if part is not None:
                    pulled.setdefault(arg, []).append(part)


def _total(parts: Sequence[Node], shape: Shape, shape_of: ShapeOf) -> Node:
    """The sum of the contributions to a cotangent, as short as it can be said."""
    return cancelled(tidied(_sum(parts, shape), shape_of), shape_of)


def _sum(parts: Sequence[Node], shape: Shape) -> Node:
    """The sum of contributions; cotangents of the slices of a vector are joined, not padded and added."""
    if not parts:
        return b.zeros(*shape) if shape else number(0.0)
    pads = [part for part in parts if part.op == "pad" and part.attrs[0] == 0]
    rest = [part for part in parts if not (part.op == "pad" and part.attrs[0] == 0)]
    joined = _joined(pads, shape) if pads else []
    return functools.reduce(b.add, [*joined, *rest])


def _joined(pads: Sequence[Node], shape: Shape) -> list[Node]:
    """Pads of a vector as one concat, gaps filled with zeros; as they are where they overlap."""
    pieces: dict[tuple[Size, Size], Node] = {}
    for pad in pads:
        span = cast(tuple[Size, Size], pad.attrs[1:3])
        pieces[span] = b.add(pieces[span], pad.args[0]) if span in pieces else pad.args[0]
    # Where the slices can be joined for all sizes, they lie in the same order for any one choice of them.
    sample = {atom: 1009 + place for place, atom in enumerate(shape[0].atoms)}
    parts: list[Node] = []
    reached = Size.of(0)
    for start, stop in sorted(pieces, key=lambda span: span[0].at(sample)):
        if not is_at_least(start - reached, 0):
            return list(pads)
        if start != reached:
            parts.append(b.zeros(start - reached, *shape[1:]))
        parts.append(pieces[start, stop])
        reached = stop
    if not is_at_least(shape[0] - reached, 0):
        return list(pads)
    if reached != shape[0]:
        parts.append(b.zeros(shape[0] - reached, *shape[1:]))
    return [b.concat(tuple(parts))]


def _assembled(
    system: System,
    names: Mapping[Name, Shape],
    seeds: Mapping[Name, Name],
    equations: Mapping[Name, Equation],
    results: Sequence[Name],
    dims: tuple[str, ...],
) -> System:
    """The adjoint's equations that a result needs, with the symbols that they read."""
    needed: dict[str, None] = {}
    stack = list(results)
    while stack:
        name = stack.pop()
        if name not in needed:
            needed[name] = None
            stack += list(names_in(equations[name].expr)) if name in equations else []
    symbols: dict[Name, Symbol] = {}
    for name in (*system.symbols, *system.equations, *seeds):
        if name in needed:
            known = system.symbols.get(name)
            role = Role.COTANGENT if name in seeds else known.role if known is not None else Role.VALUE
            role = Role.VALUE if role in (Role.INPUT, Role.STATE) else role
            value = known.value if known is not None else None
            symbols[name] = Symbol(name, role, names[name], value, known.site if known is not None else None)
    kept = {name: equation for name, equation in equations.items() if name in needed}
    return System(
        f"adjoint of {system.name}", system.doc, symbols, kept, results[0] if results else Name(""), dims=dims
    )


def _checked(result: System, names: Mapping[Name, Shape]) -> System:
    shapes = check(result).require()
    for name in result.equations:
        if shapes.of[name] != names[name]:
            raise AssertionError(f"adjoint {name} has shape {shapes.of[name]}, its primal {names[name]}")
    return result
