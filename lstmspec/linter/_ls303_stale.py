"""LS303: a state's old value is read where its new one is known and used elsewhere in the step.

The two differ by one step, and both fit. `c.next` takes the new value; `c.prev` says that the old one is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..language import ancestors
from ..nodes import names_in
from ._facts import Facts
from ._finding import Finding


def stale(facts: Facts) -> Iterator[Finding]:
    """Equations that read `c`, are not needed for `c.next`, and stand beside another one that reads `c.next`.

    One that reads both has made its choice visible.
    """
    system = facts.system
    for state in system.states:
        new = state.next
        fresh = facts.readers.get(new, ())
        if not fresh:
            continue
        before = ancestors(system, [new])  # membership only
        for equation in system.equations.values():
            names = names_in(equation.expr)
            reads = state in names and new not in names and state not in equation.previous
            if reads and equation.name not in before:
                others = ", ".join(f"`{name}`" for name in fresh)
                yield Finding(
                    Code.LS303,
                    equation.name,
                    f"`{equation.name}` reads the old value of `{state}`, though the new one is used in {others}",
                    notes=(f"`{equation.name}` is not needed for `{new}`, so either value could be meant",),
                    help=f"write `{new}` for the new value, or `{state}.prev` for the old one",
                )
