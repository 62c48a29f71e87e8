"""The schedule: what is computed before the loop, in it, and after it.

Invariant: the loop holds exactly what the carried values need from step to step. Everything that does not depend on a
carried value is computed before it for all steps at once, everything that no carried value needs after it; so weight
gradients, which nothing carries, become one product over time and batch each.

Sums and products are regrouped for that: in d * o * (1 - t**2) the factors known before the loop are multiplied there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced

from ..checker import check, shapes_within
from ..grad import Names
from ..language import System, ancestors, order, spelled
from ..nodes import Name, Node, names_in, number, ref, subnodes, text
from ..ops import build as b
from ._lower import inline, is_view
from ._program import Line, Place, Program
from ._recurrence import Recurrence


def schedule(recurrence: Recurrence, keep: Collection[Name] = ()) -> Program:
    """The program of a recurrence; equations in `keep` keep a line of their own, for readability."""
    results = (*recurrence.carries.values(), *recurrence.stacked, *recurrence.summed)
    system = _pruned(inline(recurrence.system, {*results, *keep}), results)
    placing = _Placing(recurrence, system)
    drafts = placing.drafts()
    return _assembled(recurrence, _shared(drafts, placing.place, placing.names))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before its shape is known."""

    name: Name
    expr: Node
    place: Place
    label: str


def _pruned(system: System, results: Iterable[Name]) -> System:
    needed = ancestors(system, results)
    return replaced(system, equations={name: e for name, e in system.equations.items() if name in needed})


class _Placing:
    """Places equations, and moves parts of loop equations before the loop."""

    def __init__(self, recurrence: Recurrence, system: System) -> None:
        self.recurrence = recurrence
        self.system = system
        self.names = Names(recurrence.system)
        self.place: dict[Name, Place] = dict.fromkeys(recurrence.constants, Place.ONCE)
        self.place |= dict.fromkeys(recurrence.sequences, Place.BEFORE)
        self.place |= dict.fromkeys(recurrence.carries, Place.LOOP)
        self.hoisted: dict[Node, Name] = {}
        self.found: list[_Draft] = []

    def drafts(self) -> list[_Draft]:
        """All lines, by place, each after those that it reads."""
        carried = ancestors(self.system, self.recurrence.carries.values())
        for equation in order(self.system):
            place = self._placed(equation.expr)
            if place is Place.LOOP and equation.name not in carried:
                place = Place.AFTER
            self.place[equation.name] = place
            expr = self._early_moved(equation.expr, equation.name) if place is Place.LOOP else equation.expr
            self.found.append(_Draft(equation.name, expr, place, f"{equation.name} = {text(equation.expr)}"))
        return sorted(self.found, key=lambda draft: draft.place)  # stable: the order within a place stays

    def _placed(self, node: Node) -> Place:
        return max((self.place[name] for name in names_in(node)), default=Place.ONCE)

    def _is_early(self, node: Node) -> bool:
        return self._placed(node) < Place.LOOP

    def _early_moved(self, node: Node, equation: Name) -> Node:
        """The expression with each largest part that is known before the loop replaced by a name for it."""
        if self._is_early(node):
            return self._named(node, equation)
        if node.op == "neg":
            return b.neg(self._early_moved(node.args[0], equation))
        if node.op in ("add", "sub"):
            return self._regrouped(self._collected(_signed_terms(node)), b.add, equation)
        if node.op == "mul":
            return self._regrouped(self._flattened(node), b.mul, equation)
        args = tuple(self._early_moved(arg, equation) for arg in node.args)
        return node if args == node.args else Node(node.op, args, node.attrs, node.site)

    def _collected(self, terms: Sequence[Node]) -> list[Node]:
        """Terms with the same late factors as one: d * h - d * m is d * (h - m)."""
        factors: dict[tuple[Node, ...], list[Node]] = {}
        for term in terms:
            late = tuple(factor for factor in _factors(term) if not self._is_early(factor))
            early = [factor for factor in _factors(term) if self._is_early(factor)]
            factors.setdefault(late, []).append(functools.reduce(b.mul, early, b.ONE) if late else term)
        collected: list[Node] = []
        for late, early in factors.items():
            known = functools.reduce(b.add, early)
            collected.append(functools.reduce(b.mul, [*late, known]) if late else known)
        return collected

    def _flattened(self, node: Node) -> list[Node]:
        """The factors of a product; a sum among them that collects to one term gives its own factors."""
        factors: list[Node] = []
        for factor in _factors(node):
            terms = [] if self._is_early(factor) else self._collected(_signed_terms(factor))
            factors += _factors(terms[0]) if len(terms) == 1 else [factor]
        return factors

    def _regrouped(self, parts: Sequence[Node], join: Callable[[Node, Node], Node], equation: Name) -> Node:
        early = [part for part in parts if self._is_early(part)]
        late = [self._early_moved(part, equation) for part in parts if not self._is_early(part)]
        known = [self._named(functools.reduce(join, early), equation)] if early else []
        # A sum reads with what is known first, a product with it last.
        return functools.reduce(join, [*known, *late] if join is b.add else [*late, *known])

    def _named(self, node: Node, equation: Name) -> Node:
        """A name for a part that is known before the loop; what costs nothing stays."""
        if is_view(node):
            return node
        if node not in self.hoisted:
            name = self.names.free(f"pre_{spelled(equation)}")
            self.hoisted[node] = name
            self.place[name] = self._placed(node)
            self.found.append(_Draft(name, node, self.place[name], f"{name} = {text(node)}, for {equation}"))
        return ref(self.hoisted[node])


def _signed_terms(node: Node) -> tuple[Node, ...]:
    """The terms of a sum with differences and signs taken apart."""
    if node.op == "add":
        return (*_signed_terms(node.args[0]), *_signed_terms(node.args[1]))
    if node.op == "sub":
        return (*_signed_terms(node.args[0]), *(b.neg(term) for term in _signed_terms(node.args[1])))
    if node.op == "neg" and node.args[0].op in ("add", "sub", "neg"):
        return tuple(b.neg(term) for term in _signed_terms(node.args[0]))
    return (node,)


def _factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product, signs as -1."""
    if node.op == "mul":
        return (*_factors(node.args[0]), *_factors(node.args[1]))
    if node.op == "neg":
        return (number(-1.0), *_factors(node.args[0]))
    return (node,)


def _shared(drafts: Sequence[_Draft], places: Mapping[Name, Place], names: Names) -> list[_Draft]:
    """Expressions that stand in several places get a line of their own, in the first place where they stand."""
    repeated = _repeated(drafts)
    place = dict(places) | {draft.name: draft.place for draft in drafts}
    own: dict[Node, _Draft] = {}
    for draft in drafts:
        own.setdefault(draft.expr, draft)
    known: dict[Node, Name] = {}
    done: set[Name] = set()  # membership only
    result: list[_Draft] = []

    def visit(node: Node, draft: _Draft) -> Node:
        if node in repeated and node not in known:
            line = own.get(node)
            if line is None or line.place > draft.place:
                early = all(place.get(name, draft.place) is Place.ONCE for name in names_in(node))
                name = names.free(f"sub_{spelled(draft.name)}")
                line = _Draft(name, node, Place.ONCE if early else draft.place, f"{name} = {text(node)}")
            emit(line)
        return ref(known[node]) if node in known else rebuilt(node, draft)

    def rebuilt(node: Node, draft: _Draft) -> Node:
        args = tuple(visit(arg, draft) for arg in node.args)
        return node if args == node.args else Node(node.op, args, node.attrs, node.site)

    def emit(draft: _Draft) -> None:
        if draft.name in done:
            return
        done.add(draft.name)
        place[draft.name] = draft.place
        expr = ref(known[draft.expr]) if draft.expr in known else rebuilt(draft.expr, draft)
        if draft.expr in repeated:
            known.setdefault(draft.expr, draft.name)
        result.append(replaced(draft, expr=expr))

    for draft in drafts:
        emit(draft)
    return sorted(result, key=lambda draft: draft.place)


def _repeated(drafts: Sequence[_Draft]) -> set[Node]:
    """Expressions with more than one reader; for membership only. Equal readers count once."""
    readers: dict[Node, int] = {}
    seen: set[Node] = set()
    for draft in drafts:
        readers[draft.expr] = readers.get(draft.expr, 0) + 1
        for node in subnodes(draft.expr):
            if node not in seen:
                seen.add(node)
                for arg in node.args:
                    readers[arg] = readers.get(arg, 0) + 1
    return {node for node, count in readers.items() if count > 1 and not is_view(node)}


def _assembled(recurrence: Recurrence, drafts: Sequence[_Draft]) -> Program:
    shapes = dict(check(recurrence.system).require().of)
    for symbol, after in recurrence.carries.items():
        shapes.setdefault(symbol, shapes[after])  # a carried value that no equation reads is no symbol of the system
    place: dict[Name, Place] = dict.fromkeys(recurrence.constants, Place.ONCE)
    place |= dict.fromkeys(recurrence.sequences, Place.BEFORE)
    place |= dict.fromkeys(recurrence.carries, Place.LOOP)
    lines: list[Line] = []
    for draft in drafts:
        shapes[draft.name] = shapes_within(draft.expr, shapes)[draft.expr]
        place[draft.name] = draft.place
        lines.append(Line(draft.name, draft.expr, shapes[draft.name], draft.place, draft.label))
    wanted = [name for line in lines if line.place is Place.AFTER for name in names_in(line.expr)]
    wanted += [*recurrence.stacked, *recurrence.summed]
    kept_by_carry = {*recurrence.carries, *recurrence.carries.values()}
    recorded = [line.name for line in lines if line.place is Place.LOOP and line.name in wanted]
    return Program(
        tuple(lines),
        place,
        shapes,
        recurrence.carries,
        recurrence.sequences,
        tuple(name for name in recorded if name not in kept_by_carry),
        tuple(dict.fromkeys(name for name in wanted if name in kept_by_carry)),
        recurrence.stacked,
        recurrence.summed,
        recurrence.reverse,
    )
