"""A finding of a rule, before it is known whether it is allowed."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Code, Site
from ..nodes import Name


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a rule.

    Attributes:
        code: Its code.
        name: The symbol or the equation that it is about, where it can be allowed.
        message: The fault, in one line.
        site: Where; None for the place of the name itself.
        notes: Facts that explain it.
        help: The mend, in words.
        also: Another equation where it can be allowed.

    """

    code: Code
    name: Name
    message: str
    site: Site | None = None
    notes: tuple[str, ...] = ()
    help: str = ""
    also: str = ""
