"""The order of evaluation: each equation after those that it reads, ties in declared order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from types import CodeType

from ..diagnostics import Code, Diagnostic, Replacement, SpecError
from ..nodes import Name, Node, names_in, occurrences, ref, replace, subnodes
from ._system import Equation, System, once


@once
def order(system: System) -> tuple[Equation, ...]:
    """The equations in an order in which each can be evaluated.

    Raises:
        SpecError: LS204 when there is none.

    """
    done, cycle = sort(system.equations)
    if cycle:
        raise SpecError([cycle_diagnostic(system.name, system.equations, cycle)])
    return done


def sort(equations: Mapping[Name, Equation]) -> tuple[tuple[Equation, ...], tuple[Name, ...]]:
    """The equations in order and, when they cannot all be ordered, the names of one cycle among the rest.

    An iterative depth-first search: linear in the size of the system, whatever the depth of its chains.
    """
    done: dict[Name, Equation] = {}
    for root in equations:
        path: dict[Name, list[Name]] = {}  # open equations, each with the names that it still has to wait for
        stack = [root]
        while stack:
            name = stack[-1]
            if name not in path and name not in done:
                path[name] = [other for other in reversed(names_in(equations[name].expr)) if other in equations]
            waiting = path.get(name, [])
            while waiting and waiting[-1] in done:
                waiting.pop()
            if not waiting:
                done.setdefault(name, equations[name])
                path.pop(name, None)
                stack.pop()
            elif waiting[-1] in path:
                opened = list(path)
                return tuple(done.values()), tuple(opened[opened.index(waiting[-1]) :])
            else:
                stack.append(waiting[-1])
    return tuple(done.values()), ()


def ancestors(system: System, names: Iterable[Name]) -> set[Name]:
    """These names and all that they are computed from; for membership only."""
    found: set[Name] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += names_in(system.equations[name].expr) if name in system.equations else ()
    return found


def cycle_diagnostic(
    cell: str, equations: Mapping[Name, Equation], cycle: tuple[Name, ...], body: CodeType | None = None
) -> Diagnostic:
    """What to say of a cycle: its equations in order, and where a state's old value breaks it."""
    own = [name for name in cycle if _stands_in(equations[name], body)]
    first = equations[(own or cycle)[0]]  # where a variant closes a circle, its own part of it
    chain = " → ".join(f"`{name}`" for name in (*cycle, cycle[0]))
    help_, mend = _mended(equations, cycle, body)
    return Diagnostic(
        Code.LS204,
        f"equation `{first.name}` needs its own value" if len(cycle) == 1 else "equations need one another's values",
        first.site,
        cell,
        first.name,
        notes=(f"each needs the next: {chain}",),
        help=help_,
        mend=mend,
    )


def _stands_in(equation: Equation, body: CodeType | None) -> bool:
    return equation.site is not None and equation.site.code is body


def _old_for_new(expr: Node, new: Node, body: CodeType | None) -> tuple[Replacement, ...]:
    """The edits that read a state's old value wherever an equation reads its new one, `c` for `c.next`."""
    sites = [node.site for node in occurrences(expr) if node == new]
    if not all(site is not None and site.code is body and site.place.text.endswith(".next") for site in sites):
        return ()
    return tuple(Replacement(site, site.place.text.removesuffix(".next")) for site in sites if site is not None)


def _mended(
    equations: Mapping[Name, Equation], cycle: tuple[Name, ...], body: CodeType | None
) -> tuple[str, tuple[Replacement, ...]]:
    """The place where reading a state's previous value instead of its new one leaves no cycle, if there is one."""
    for name in sorted(cycle, key=lambda name: not _stands_in(equations[name], body)):
        equation = equations[name]
        for node in subnodes(equation.expr):
            fresh = node.name if node.op == "ref" else Name("")
            if fresh.is_next and fresh in cycle:
                state = fresh.base
                expr = replace(equation.expr, lambda old, node=node, state=state: ref(state) if old == node else old)  # type: ignore[misc]
                if not sort({**equations, name: dataclasses.replace(equation, expr=expr)})[1]:
                    says = f"read the previous value in equation `{name}`: `{state}` instead of `{fresh}`"
                    return says, _old_for_new(equation.expr, node, body)
    if len(cycle) == 1:
        return "a variant that extends an equation writes the old one out under another name", ()
    return "write one of them without the other", ()
