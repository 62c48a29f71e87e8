"""LS301: a parameter whose gradient is zero whatever the data: it is read, but its value has no effect, or only jumps.

A weight that is initialised, saved and counted, and never learned.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code, Site
from ..language import Equation
from ..nodes import Name, Node, subnodes, terms_of
from ..ops import TABLE, build, expand, is_elementwise, partial_derivative
from ._facts import Facts
from ._finding import Finding


def no_gradient(facts: Facts) -> Iterator[Finding]:
    """Parameters from which no path with a derivative leads to the output, though a path leads there."""
    system = facts.system
    reached = _differentiable(facts)
    layers: set[Site | None] = set()  # those reported already; membership only
    for name in system.parameters:
        symbol = system.symbols[name]
        if name in facts.live and name not in reached and symbol.site not in layers:
            layers |= {symbol.site} if symbol.layer else set()
            readers = [reader for reader in facts.readers[name] if reader in facts.live]
            yield Finding(
                Code.LS301,
                name,
                f"{symbol.role.value} `{name}` has no gradient: it is zero whatever the data",
                site=system.equations[readers[0]].site if symbol.layer else None,
                notes=(f"it is read by {', '.join(f'`{reader}`' for reader in readers)}",),
            )


def _differentiable(facts: Facts) -> set[Name]:
    """The names from which the output follows along derivatives that are not zero."""
    system = facts.system
    found: set[Name] = set()
    wanted = [system.output]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found.add(name)
        if name in system.equations:
            wanted += _read_with_derivative(system.equations[name])
        elif name.next in system.equations:
            wanted.append(name.next)
    return found


def _read_with_derivative(equation: Equation) -> list[Name]:
    alive = {equation.expr}  # those at which a cotangent that is not zero arrives; membership only
    names: list[Name] = []
    for node in reversed([*subnodes(equation.expr)]):
        if node not in alive:
            continue
        if node.op == "ref":
            names.append(node.name)
        if node.op in ("add", "sub", "neg"):  # u - u and its like cancel, however far apart in the sum
            alive |= {term for term, count in terms_of(node) if count}
        elif node.op != "div" or node.args[0] != node.args[1]:
            flat = [is_elementwise(node) and _is_flat(node, place) for place in range(len(node.args))]
            alive |= {arg for arg, zero in zip(node.args, flat, strict=True) if not zero}
    return names


def _is_flat(node: Node, place: int) -> bool:
    """Whether an elementwise operation's derivative with respect to an argument is zero everywhere."""
    own = expand(node) is node and TABLE[node.op].partial is None
    if own and not any(build.is_number(arg) for arg in node.args):
        return False  # a function that is not constant has a derivative; only a number beside it can make it zero
    factor = partial_derivative(node, place, node)
    return factor is None or build.is_number(factor, 0.0)
