"""LS307: log, sqrt, a quotient or a power whose argument may leave the domain, which gives NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics import Code
from ..nodes import Name, Node, brief, number, subnodes
from ..ops import Interval, expand
from ._facts import Facts
from ._finding import Finding

SMALL = 1e-6


def domain(facts: Facts) -> Iterator[Finding]:
    """Each expression that may leave its domain, with a guard where there is one."""
    for equation in facts.system.equations.values():
        bounds = facts.bounds[equation.name]
        for node in subnodes(equation.expr):
            # A user's own function is reported where it is applied.
            for part in subnodes(expand(node)) if node.op == "elementwise" else (node,):
                trouble = _trouble(part, bounds)
                if trouble is not None:
                    why, guard = trouble
                    guarded = guard is not None and part is node
                    what = f"`{brief(node)}`" if part is node else f"`{part.op}` of `{brief(node)}`"
                    yield Finding(
                        Code.LS307,
                        equation.name,
                        f"{what} may leave its domain in equation `{equation.name}`",
                        site=node.site,
                        notes=(why,),
                        help=f"guard it: {brief(guard)}" if guarded and guard is not None else Name(""),
                    )


def _trouble(node: Node, bounds: Mapping[Node, Interval]) -> tuple[str, Node | None] | None:
    """The possible fault in words, and the same expression with a guard."""
    if node.op == "log" and not bounds[node.args[0]].is_positive:
        return f"nothing keeps `{brief(node.args[0])}` above 0", _at_least(node, SMALL)
    if node.op == "sqrt" and bounds[node.args[0]].low < 0:
        return f"nothing keeps `{brief(node.args[0])}` from being negative", _at_least(node, 0.0)
    if node.op == "div" and not bounds[node.args[1]].is_nonzero:
        return f"nothing keeps `{brief(node.args[1])}` from being 0", None
    if node.op == "pow":
        base, exponent = (bounds[arg] for arg in node.args)
        whole = exponent.low == exponent.high and exponent.low.is_integer()
        if not (base.is_positive or (whole and exponent.low >= 0) or (base.low >= 0 and exponent.low >= 0)):
            return f"nothing keeps `{brief(node.args[0])}` in the domain of this power", None
    return None


def _at_least(node: Node, least: float) -> Node:
    return Node(node.op, (Node("maximum", (node.args[0], number(least)), site=node.site),), site=node.site)
