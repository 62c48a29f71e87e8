"""LS302: an input or a state that no output depends on, in this step or over time."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..language import Role
from ..nodes import Name
from ._facts import Facts
from ._finding import Finding


def dead(facts: Facts) -> Iterator[Finding]:
    """Inputs and states that are read, but by nothing from which the output follows."""
    system = facts.system
    for symbol in system.symbols.values():
        wanted = symbol.role in (Role.INPUT, Role.STATE) and symbol.name not in facts.live
        # Where it ends in an equation that nothing reads, that is the fault, and this its echo.
        if wanted and symbol.name in facts.readers and not _ends_unread(facts, symbol.name):
            readers = ", ".join(f"`{name}`" for name in facts.readers[symbol.name])
            yield Finding(
                Code.LS302,
                symbol.name,
                f"no output depends on {symbol.role.value} `{symbol.name}`",
                notes=(f"it is read by {readers} alone, from which `{system.output}` does not follow",),
            )


def _ends_unread(facts: Facts, name: Name) -> bool:
    """Whether an equation follows from a name that is read by none itself and is no state's new value."""
    stack, seen = [name], set[Name]()
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        readers = facts.readers.get(name, ())
        if not readers and not name.is_next:
            return True
        stack += readers
        stack += [name.base] if name.is_next else []
    return False
