"""A diagnostic is a value; only the outermost call prints or raises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._codes import Code
from ._site import Site


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: Its stable code.
        message: What is wrong, in one line, without the place.
        site: Where; None when the finding has no line of its own.
        cell: The cell it is about.
        equation: The equation it is about, if one.
        label: What stands beside the caret: the operands with their shapes.
        notes: Facts that explain it, each a line.
        help: What would be right.

    """

    code: Code
    message: str
    site: Site | None = None
    cell: str = ""
    equation: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""

    def __str__(self) -> str:
        from ._text import render  # noqa: PLC0415  the renderer reads this class; a value prints itself through it

        return render(self)


class SpecError(Exception):
    """Raised by the outermost call when there are findings; `diagnostics` has them as values."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n" + "\n\n".join(str(diagnostic) for diagnostic in self.diagnostics))
