"""LS308: a name that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..language import Role
from ._facts import Facts
from ._finding import Finding


def unused(facts: Facts) -> Iterator[Finding]:
    """Symbols that no equation reads, and equations that are neither read, nor emitted, nor a state's new value."""
    system = facts.system
    for symbol in system.symbols.values():
        if symbol.name in facts.readers:
            continue
        if symbol.role is Role.STATE:
            new = symbol.name.next
            emitted = " and emit it: y = Output(…)" if new == system.output else ""
            help_ = f"if only its new value is wanted, let that be an equation of its own{emitted}"
            message = f"state `{symbol.name}` is carried on, but nothing reads its old value"
        else:
            message, help_ = f"{symbol.role.value} `{symbol.name}` is declared, but no equation reads it", "drop it"
        yield Finding(Code.LS308, symbol.name, message, help=help_)
    for name in system.equations:
        if name not in facts.readers and name != system.output and not name.is_next:
            yield Finding(Code.LS308, name, f"nothing reads `{name}`", help="drop it, or emit it: Output(…)")
