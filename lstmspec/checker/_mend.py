"""Mends: edits of a cell that make a finding go away.

Invariant: an edit is offered only after the edited system was checked and has no fault but the other ones. Likely
edits come first: one of the expression, then of a parameter's declaration, then of the sizes themselves.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..diagnostics import Diagnostic, Replacement, Site
from ..language import DeclaredShape, Role, Symbol, System, is_own
from ..nodes import Name, Node, brief, names_in, occurrences, replace, subnodes, text, text_for
from ..sizes import Size
from ._infer import Fault, Inference
from ._rewrites import rewrites

MANY = 16  # products that are rewritten at once
FEW = 2  # declarations, up to which two sizes are rather said to be one; where it takes more, one is likely wrong
EFFORT = 8000  # equations that may be looked at for the edits of all faults; a large cell gets fewer tries


@dataclass(frozen=True)
class Mend:
    """An edited system, the words for the edit, and the same edit of the source where it can be put so."""

    help: str
    system: System
    mend: tuple[Replacement, ...] = ()


def mended(found: Inference) -> list[Diagnostic]:
    """The findings, each with the first edit that works as its help."""
    tries = EFFORT // max(1, len(found.system.equations))
    findings: list[Diagnostic] = []
    for fault in found.faults:
        finding = fault.told
        if finding is None:
            raise ValueError("an inference that only tries has no findings")
        others = [_place(other) for other in found.faults if other is not fault]
        for edit in itertools.islice(_edits(found, fault), tries):
            tries -= 1
            after = Inference(edit.system, found.last, tells=False)
            if all(_place(other) in others for other in after.faults) and not after.loose_ends():
                finding = dataclasses.replace(finding, help=edit.help, mend=edit.mend)
                break
        findings.append(finding)
    return findings


def _place(fault: Fault) -> tuple[str, Node]:
    return fault.equation, fault.node


def _edits(found: Inference, fault: Fault) -> Iterator[Mend]:
    system = found.system
    yield from _of_expression(system, fault)
    yield from _throughout(system, fault)
    names = [*names_in(fault.node), fault.equation.state]
    symbols = _declared_by_hand(system, names)
    read = [name for suspect in fault.suspects for name in names_in(system.equations[suspect].expr)]
    parameters = [symbol for symbol in _declared_by_hand(system, [*names, *read]) if symbol.role.is_parameter]
    yield from _of_declarations(system, parameters)
    yield from _of_numbers(system, symbols)
    others = [symbol for symbol in symbols if symbol.role in (Role.STATE, Role.INPUT)]
    edits = [*_of_sizes(system, fault), *_of_declarations(system, others)]
    yield from sorted(edits, key=lambda edit: len(edit.mend) > FEW)


def _declared_by_hand(system: System, names: Iterable[Name]) -> list[Symbol]:
    known = [system.symbols[name] for name in dict.fromkeys(names) if name in system.symbols]
    return [symbol for symbol in known if not symbol.layer]


# -- of an expression --------------------------------------------------------------------------------------------------


def _of_expression(system: System, fault: Fault) -> Iterator[Mend]:
    for node in reversed([*subnodes(fault.node)]):  # the whole before its parts
        size = str(fault.sizes[0]) if node is fault.node and fault.sizes is not None else ""
        for says, new in rewrites(node, system.states, system.inputs, size):
            edited = with_expression(system, fault.equation, node, new)
            yield Mend(says.replace("{}", brief(new)), edited, rewritten(system, fault.equation, node, new))


def _throughout(system: System, fault: Fault) -> Iterator[Mend]:
    """One rewrite of every product of the equation: who writes one of them as another library does writes all so."""
    expr = system.equations[fault.equation].expr
    products = [node for node in subnodes(expr) if node.op == fault.node.op]
    if fault.node.op not in ("matmul", "mul") or not 1 < len(products) <= MANY:
        return
    rows = [[*rewrites(node, (), (), "")] for node in products]
    for place, (says, _) in enumerate(rows[0]):
        if all(len(row) > place and row[place][0] == says for row in rows):
            new = {node: row[place][1] for node, row in zip(products, rows, strict=True)}
            changed = replace(expr, lambda node, new=new: new.get(node, node))  # type: ignore[misc]
            mends = [rewritten(system, fault.equation, node, new[node]) for node in products]
            edited = with_expression(system, fault.equation, expr, changed)
            mend = tuple(itertools.chain(*mends)) if all(mends) else ()
            yield Mend(says.replace("{}", brief(changed)), edited, mend)


def with_expression(system: System, equation: Name, old: Node, new: Node) -> System:
    """A system with another expression in the place of one of an equation."""
    expr = replace(system.equations[equation].expr, lambda node: new if node == old else node)
    edited = dataclasses.replace(system.equations[equation], expr=expr)
    return dataclasses.replace(system, equations={**system.equations, equation: edited})


def rewritten(system: System, equation: Name, node: Node, new: Node) -> tuple[Replacement, ...]:
    """The same edit of the source, everywhere that the expression stands in the equation.

    Nothing where the source is not the text of the expression: it then has more in it than the checker sees, such as
    a dense layer, an allowance, a function of the user's, or names of the cell that this one is a variant of.
    """
    sites = [found.site for found in occurrences(system.equations[equation].expr) if found == node]
    shown, put = brief(node), brief(new)
    if not node.args or "…" in shown + put or not all(is_own(system, site) and _reads(site, shown) for site in sites):
        return ()
    return tuple(Replacement(site, _put(site, new, node)) for site in sites if site is not None)


def _put(site: Site, new: Node, old: Node) -> str:
    """The text for an expression's place; in parentheses where its neighbours would otherwise take part of it."""
    place = site.place
    before, after = place.source[: place.column].rstrip()[-1:], place.rest.lstrip()[:1]
    return text(new) if before in ("", "(", "[", ",", "=") and after in ("", ")", "]", ",", "#") else text_for(new, old)


def _reads(site: Site | None, wanted: str) -> bool:
    """Whether an expression stands at a site, up to spaces and needless parentheses."""
    if site is None:
        return False
    try:
        return ast.dump(ast.parse(site.place.text, mode="eval")) == ast.dump(ast.parse(wanted, mode="eval"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


# -- of declarations ---------------------------------------------------------------------------------------------------


def _of_declarations(system: System, symbols: list[Symbol]) -> Iterator[Mend]:
    """Each declaration with its shape left out: the inferred one is then the right one.

    A number in the place of symbols would mend the shapes and spoil the cell.
    """
    for symbol in symbols:
        if symbol.shape is None or None in symbol.shape:
            continue
        own = len(symbol.shape)
        for rank in (own, *(rank for rank in range(3) if rank != own)):
            opened = Inference(_declared(system, {symbol.name: (None,) * rank}), tells=False)
            shape = opened.resolved().get(symbol.name)
            if shape is not None and shape != symbol.shape and (_has_symbols(shape) or not _has_symbols(symbol.shape)):
                edited = _declared(system, {symbol.name: shape})
                yield Mend(
                    f"declare it so: {symbol.name} = {_call(symbol, shape)}", edited, _redeclared(system, symbol, shape)
                )


def _has_symbols(shape: DeclaredShape) -> bool:
    return any(size is not None and size.atoms for size in shape)


def _of_numbers(system: System, symbols: list[Symbol]) -> Iterator[Mend]:
    """A state that was given a number as its size, as a prediction has one: a readout gives that instead."""
    for symbol in symbols:
        sizes = symbol.shape or ()
        if symbol.role is Role.STATE and len(sizes) == 1 and sizes[0] is not None and sizes[0].constant is not None:
            shape = Inference(_declared(system, {symbol.name: (None,)}), tells=False).resolved().get(symbol.name)
            if shape is not None and shape != sizes:
                readout = f"y = Output(affine({symbol.name}.next, size={sizes[0]}))"
                says = f"a state of its own size and a readout: {symbol.name} = {_call(symbol, shape)}, {readout}"
                yield Mend(says, _declared(system, {symbol.name: shape}))


def _of_sizes(system: System, fault: Fault) -> Iterator[Mend]:
    """Two sizes that nothing says are equal, said to be so."""
    left, right = fault.sizes or (Size({}), Size({}))
    for symbol, value in ((right, left), (left, right)):
        bare = len(symbol.atoms) == 1 and symbol == Size.of(symbol.atoms[0])
        if bare and not value.unknowns and value.constant is None and symbol.atoms[0] not in value.atoms:
            says = f"if they are the same, write one for the other in the declarations ({left} = {right})"
            if fault.operands and all(isinstance(shape, tuple) and len(shape) < 2 for shape in fault.operands):
                says += "; if not, linear(…) of one has the size of the other"
            yield Mend(says, *_put_everywhere(system, symbol.atoms[0], value))


def _put_everywhere(system: System, atom: str, value: Size) -> tuple[System, tuple[Replacement, ...]]:
    """A system with a size for a dimension symbol, and the edits of the declarations."""

    def put(size: Any) -> Any:
        return size.substitute(lambda name: value if name == atom else None) if isinstance(size, Size) else size

    def bound(node: Node) -> Node:
        attrs = tuple(put(attr) for attr in node.attrs)
        return node if attrs == node.attrs else Node(node.op, node.args, attrs, node.site)

    shapes = {s.name: tuple(put(size) for size in s.shape) for s in system.symbols.values() if s.shape is not None}
    shapes = {name: shape for name, shape in shapes.items() if shape != system.symbols[name].shape}
    equations = {e.name: dataclasses.replace(e, expr=replace(e.expr, bound)) for e in system.equations.values()}
    mends = [_redeclared(system, system.symbols[name], shape) for name, shape in shapes.items()]
    complete = all(mends) and all(equations[name].expr == system.equations[name].expr for name in equations)
    edited = dataclasses.replace(_declared(system, shapes), equations=equations)
    return edited, tuple(itertools.chain(*mends)) if complete else ()


def _declared(system: System, shapes: Mapping[Name, DeclaredShape]) -> System:
    symbols = {s.name: dataclasses.replace(s, shape=shapes.get(s.name, s.shape)) for s in system.symbols.values()}
    return dataclasses.replace(system, symbols=symbols)


def _call(symbol: Symbol, shape: DeclaredShape) -> str:
    sizes = ", ".join(str(size).replace("+", " + ").replace("-", " - ") for size in shape)
    return f"{symbol.role.value.capitalize()}({sizes or '()'})"


def _redeclared(system: System, symbol: Symbol, shape: DeclaredShape) -> tuple[Replacement, ...]:
    """The edit of a declaration that has nothing in it but sizes, and stands in the cell's own body for it alone."""
    site = symbol.site
    if site is None or not is_own(system, site):
        return ()
    if sum(other.site is not None and other.site.same_place(site) for other in system.symbols.values()) > 1:
        return ()
    if re.fullmatch(rf"{symbol.role.value.capitalize()}\([^=]*\)", site.place.text) is None:
        return ()
    return (Replacement(site, _call(symbol, shape)),)
