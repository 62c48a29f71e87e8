"""The schedule: what is computed before the loop, in it, and after it.

Invariant: the loop holds exactly what the carried values need from step to step. Everything that does not depend on a
carried value is computed before it for all steps at once, everything that no carried value needs after it; so weight
gradients, which nothing carries, become one product over time and batch each.

Sums and products are regrouped for that: in d * o * (1 - t**2) the factors known before the loop are multiplied there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace as replaced

from ..checker import check, shapes_within
from ..grad import Names
from ..language import System, ancestors, order
from ..nodes import Name, Node, names_in, number, ref, subnodes
from ..ops import build as b
from ..ops import is_condition
from ._draft import Draft, cut_long, numbered
from ._lower import inline, is_view
from ._program import Line, Program, Section
from ._recurrence import Recurrence


def schedule(recurrence: Recurrence, keep: Collection[Name] = ()) -> Program:
    """The program of a recurrence; equations in `keep` keep a line of their own, for readability."""
    results = (*recurrence.carries.values(), *recurrence.stacked, *recurrence.summed)
    system = _pruned(inline(recurrence.system, {*results, *keep}), results)
    placing = _Placing(recurrence, system)
    drafts = placing.drafts()
    lines = cut_long(_shared(drafts, placing.section, placing.names), placing.names)
    return _assembled(recurrence, numbered(lines))


def _pruned(system: System, results: Iterable[Name]) -> System:
    needed = ancestors(system, results)
    return replaced(system, equations={name: e for name, e in system.equations.items() if name in needed})


class _Placing:
    """Places equations, and moves parts of loop equations before the loop."""

    def __init__(self, recurrence: Recurrence, system: System) -> None:
        self.recurrence = recurrence
        self.system = system
        self.names = Names(recurrence.system)
        self.shapes = check(recurrence.system).require().of
        self.section: dict[Name, Section] = dict.fromkeys(recurrence.constants, Section.ONCE)
        self.section |= dict.fromkeys(recurrence.sequences, Section.BEFORE)
        self.section |= dict.fromkeys(recurrence.carries, Section.LOOP)
        self.hoisted: dict[Node, Name] = {}
        self.found: list[Draft] = []

    def drafts(self) -> list[Draft]:
        """All lines, by section, each after those that it reads."""
        passing = self._passing()
        looped = ancestors(self.system, (*self.recurrence.carries.values(), *passing))
        for equation in order(self.system):
            section = self._placed(equation.expr)
            if equation.name in passing:
                section = Section.LOOP
            elif section is Section.LOOP and equation.name not in looped:
                section = Section.AFTER
            self.section[equation.name] = section
            expr = self._early_moved(equation.expr, equation.name) if section is Section.LOOP else equation.expr
            self.found.append(Draft(equation.name, expr, section, equation.name))
        return sorted(self.found, key=lambda draft: draft.section)  # stable: the order within a section stays

    def _passing(self) -> tuple[Name, ...]:
        """The equations of matrices that are not kept, another one in every step, and of what reads them."""
        if self.recurrence.keeps_matrices:
            return ()
        wanted = {*self.recurrence.stacked}  # kept all the same; for membership only
        made = {*self.recurrence.carries}  # what changes from step to step and is not given; for membership only
        found: list[Name] = []
        for equation in order(self.system):
            read = names_in(equation.expr)
            if any(name in made or name in self.recurrence.sequences for name in read):
                made.add(equation.name)
                if any(len(self.shapes[name]) > 1 for name in (equation.name, *read) if name in made - wanted):
                    found.append(equation.name)
        return tuple(found)

    def _placed(self, node: Node) -> Section:
        return max((self.section[name] for name in names_in(node)), default=Section.ONCE)

    def _is_early(self, node: Node) -> bool:
        return self._placed(node) < Section.LOOP

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
        """A name for a part that is known before the loop; what costs nothing stays, and matrices that are not kept."""
        if is_view(node) or self._passes(node):
            return node
        if node not in self.hoisted:
            name = self.names.part(equation)
            self.hoisted[node] = name
            self.section[name] = self._placed(node)
            self.found.append(Draft(name, node, self.section[name], equation))
        return ref(self.hoisted[node])

    def _passes(self, node: Node) -> bool:
        """Whether an expression is a matrix of every step, where these are not kept."""
        if self.recurrence.keeps_matrices or self._placed(node) is Section.ONCE:
            return False
        return len(shapes_within(node, self.shapes)[node]) > 1


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


def _shared(drafts: Sequence[Draft], sections: Mapping[Name, Section], names: Names) -> list[Draft]:
    """Expressions that stand in several sections get a line of their own, in the first section where they stand."""
    repeated = _repeated(drafts)
    section = dict(sections) | {draft.name: draft.section for draft in drafts}
    own: dict[Node, Draft] = {}
    for draft in drafts:
        own.setdefault(draft.expr, draft)
    known: dict[Node, Name] = {}
    done: set[Name] = set()  # membership only
    result: list[Draft] = []

    def visit(node: Node, draft: Draft) -> Node:
        if node in repeated and node not in known:
            line = own.get(node)
            if line is None or line.section > draft.section:
                early = all(section.get(name, draft.section) is Section.ONCE for name in names_in(node))
                line = Draft(names.part(draft.equation), node, Section.ONCE if early else draft.section, draft.equation)
            emit(line)
        return ref(known[node]) if node in known and can_read(known[node], node, draft) else rebuilt(node, draft)

    def can_read(name: Name, node: Node, draft: Draft) -> bool:
        """Whether the value is at hand: what the loop keeps for later lies in arrays, which hold no conditions."""
        return not (is_condition(node) and section[name] is Section.LOOP and draft.section is Section.AFTER)

    def rebuilt(node: Node, draft: Draft) -> Node:
        args = tuple(visit(arg, draft) for arg in node.args)
        return node if args == node.args else Node(node.op, args, node.attrs, node.site)

    def emit(draft: Draft) -> None:
        if draft.name in done:
            return
        done.add(draft.name)
        section[draft.name] = draft.section
        expr = ref(known[draft.expr]) if draft.expr in known else rebuilt(draft.expr, draft)
        if draft.expr in repeated:
            known.setdefault(draft.expr, draft.name)
        result.append(replaced(draft, expr=expr))

    for draft in drafts:
        emit(draft)
    return sorted(result, key=lambda draft: draft.section)


def _repeated(drafts: Sequence[Draft]) -> set[Node]:
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


def _assembled(recurrence: Recurrence, drafts: Sequence[Draft]) -> Program:
    shapes = dict(check(recurrence.system).require().of)
    for symbol, after in recurrence.carries.items():
        shapes.setdefault(symbol, shapes[after])  # a carried value that no equation reads is no symbol of the system
    section: dict[Name, Section] = dict.fromkeys(recurrence.constants, Section.ONCE)
    section |= dict.fromkeys(recurrence.sequences, Section.BEFORE)
    section |= dict.fromkeys(recurrence.carries, Section.LOOP)
    aliases = {draft.name: draft.expr.name for draft in drafts if draft.expr.op == "ref"}
    lines: list[Line] = []
    for draft in drafts:
        shapes[draft.name] = shapes_within(draft.expr, shapes)[draft.expr]
        section[draft.name] = draft.section
        if draft.name not in aliases:
            lines.append(Line(draft.name, draft.expr, shapes[draft.name], draft.section, draft.equation))
    program = Program(
        tuple(lines),
        section,
        shapes,
        recurrence.carries,
        recurrence.sequences,
        (),
        (),
        recurrence.stacked,
        recurrence.summed,
        aliases,
        recurrence.reverse,
    )
    return _kept(program)


def _kept(program: Program) -> Program:
    """The program with what of its loop is to be kept, since it is read after it, or wanted for every step."""
    late = [name for line in program.at(Section.AFTER) for name in names_in(line.expr)]
    wanted = {program.target(name) for name in (*late, *program.stacked, *program.summed)}  # membership only
    histories = tuple(symbol for symbol in program.carries if symbol in wanted)
    held = {program.target(program.carries[symbol]) for symbol in histories}  # membership only
    recorded = tuple(line.name for line in program.at(Section.LOOP) if line.name in wanted and line.name not in held)
    return replaced(program, recorded=recorded, histories=histories)
