"""Edits of a cell: every way to change one expression of one equation of which implementations are known to be guilty.

An edit is a whole system, so that whatever compares a cell with an implementation compares an edited one just as well.
The first edit that makes both agree names the difference of the implementation.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..checker import check
from ..language import Equation, Symbol, System, sort
from ..nodes import Name, Node, names_in, occurrences, subnodes, text
from ..nodes import replace as replaced
from ..ops import expand
from ..sizes import Shape, Size


class Kind(enum.Enum):
    """The kinds of edits, in words that describe an implementation; the likeliest first."""

    STALE = "a stale state: the old value for the new one"
    FRESH = "a fresh state: the new value for the old one"
    SUM = "a sum for a product"
    PRODUCT = "a product for a sum"
    SWAPPED = "the weights of two terms swapped"
    MISSING_ACTIVATION = "an activation is missing"
    OTHER_ACTIVATION = "another activation"
    DEAD = "a dead parameter"
    MISSING_BIAS = "a bias is missing"
    NO_BIASES = "no layer has a bias"
    MORE_ACTIVATION = "an activation too many"
    MORE_BIAS = "a bias too many"
    MORE_BIASES = "layers have biases"
    MORE_LAYER = "a dense layer too many"
    MISSING_TERM = "a term is missing"
    MISSING_FACTOR = "a factor is missing"
    SIGN = "another sign"
    COMPLEMENT = "1 - u for u, or u for 1 - u"
    MOVED = "a gate before a product and not after it, or after it and not before"
    OTHER_NAME = "another value of the same shape"


@dataclass(frozen=True)
class Edit:
    """One change of one equation.

    Attributes:
        kind: Its kind.
        equation: The equation that it changes; the first one where it changes several in the same way.
        before: The expression that stands in the equations.
        after: The one that takes its place.
        system: The cell after the edit.

    """

    kind: Kind
    equation: Name
    before: Node
    after: Node
    system: System

    @property
    def was(self) -> str:
        """The text of the expression that stands in the equations."""
        return text(self.before)

    @property
    def now(self) -> str:
        """The text of the one that takes its place."""
        return text(self.after)

    @property
    def line(self) -> str:
        """The edited equation."""
        return f"{self.equation} = {text(self.system.equations[Name(self.equation)].expr)}"

    def __str__(self) -> str:
        return f"{self.kind.value}: `{self.was}` became `{self.now}` in `{self.equation}`"


@dataclass(frozen=True)
class Occurrence:
    """A node of an equation as it was written, with the cell around it: the subject of a rule."""

    system: System
    shapes: Mapping[Name, Shape]
    equation: Equation
    node: Node
    parents: tuple[Node, ...]

    @property
    def shape(self) -> Shape:
        """The shape of the equation."""
        return self.shapes[self.equation.name]

    def sized(self, node: Node) -> Size | None:
        """The size of a vector; None of any other shape, or where it is not easily told."""
        names = [self.shapes[name] for name in names_in(node) if name in self.shapes]
        if node.op == "concat" or not names or any(shape != names[0] for shape in names) or len(names[0]) != 1:
            return None
        return names[0][0]

    def is_learned(self, node: Node) -> bool:
        """Whether a node is a parameter by its name."""
        return name_of(node) in self.system.parameters


@dataclass(frozen=True)
class Change:
    """A proposal of a rule: an expression for the one at an occurrence, and parameters that it needs."""

    kind: Kind
    after: Node
    more: tuple[Symbol, ...] = ()


def name_of(node: Node) -> Name:
    """The name that a node is; empty when it is none."""
    return node.name if node.op == "ref" else Name("")


def pruned(system: System) -> System:
    """The cell without parameters that nothing reads any more."""
    read = {name for equation in system.equations.values() for name in names_in(equation.expr)}  # membership only
    kept = {name: old for name, old in system.symbols.items() if name in read or not old.role.is_parameter}
    return replace(system, symbols=kept)


def occurrences_in(system: System) -> Iterator[Occurrence]:
    """Every node of every equation that was written once, in the order of the equations."""
    shapes = check(system).require().of
    for equation in system.equations.values():
        parents = parents_in(equation.expr)
        for node in occurrences(equation.expr):
            yield Occurrence(system, shapes, equation, node, parents.get(id(node), ()))


def expanded(system: System) -> System:
    """The cell with the functions that its user wrote replaced by operations with rows, where they stand."""
    exprs = {name: replaced(old.expr, _expanded) for name, old in system.equations.items()}
    if all(exprs[name] is old.expr for name, old in system.equations.items()):
        return system
    return replace(system, equations={n: replace(old, expr=exprs[n]) for n, old in system.equations.items()})


def _expanded(node: Node) -> Node:
    args = {id(part) for arg in node.args for part in subnodes(arg)}  # membership only: nodes with sites of their own
    whole = expand(node)
    if whole is node:
        return node
    return replaced(whole, lambda part: part if id(part) in args else Node(part.op, part.args, part.attrs, node.site))


def parents_in(root: Node) -> dict[int, tuple[Node, ...]]:
    """For each node that was written, by identity, those that have it as an argument."""
    found: dict[int, tuple[Node, ...]] = {}
    for node in occurrences(root):
        for arg in node.args:
            found[id(arg)] = (*found.get(id(arg), ()), node)
    return found


def edited(here: Occurrence, change: Change) -> Edit | None:
    """The cell with a change made; None when its equations then have no order."""
    old, target = here.equation, here.node
    expr = replaced(old.expr, lambda node: change.after if node is target else node)
    equations = {**here.system.equations, old.name: replace(old, expr=expr)}
    if sort(equations)[1]:
        return None
    base = here.system.equations_alone  # what an initialiser is for, an edit may have taken away
    symbols = {**base.symbols, **{symbol.name: symbol for symbol in change.more}}
    system = replace(base, symbols=symbols, equations=equations)
    return Edit(change.kind, old.name, target, change.after, system)
