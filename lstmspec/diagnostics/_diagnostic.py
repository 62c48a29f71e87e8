"""A diagnostic is a value; only the outermost call prints or raises it.

As text it has rustc's form: code, place, the line with a caret, facts, help.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ._codes import Code
from ._site import Site, shown_path
from ._written import printable


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text to put in the place of the expression at a site."""

    site: Site
    text: str


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
        mend: The help as edits of the source, where it can be put so: all of them together make this finding go away.

    """

    code: Code
    message: str
    site: Site | None = None
    cell: str = ""
    equation: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    mend: tuple[Replacement, ...] = ()

    def __str__(self) -> str:
        return render(self)

    @property
    def words(self) -> tuple[object, ...]:
        """What it says, wherever: a variant has its base's findings in the same words."""
        return (self.code, self.message, self.equation)

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two findings the same one: the same words at the same place, or of the same cell without a place.

        A file that two others import fails for each of them.
        """
        place = self.site.place if self.site is not None else None
        return (*self.words, *((place.file, place.line, place.column) if place is not None else (self.cell,)))


def distinct(findings: Iterable[Diagnostic], known: Iterable[Diagnostic] = ()) -> list[Diagnostic]:
    """Each finding once, where it comes first; none that is among the known ones."""
    seen = {finding.identity for finding in known}  # membership only
    found = {finding.identity: finding for finding in reversed([*findings])}
    return [finding for key, finding in reversed(found.items()) if key not in seen]


def own(findings: Iterable[Diagnostic], of_base: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings of a variant that its base does not have."""
    inherited = {finding.words for finding in of_base}  # membership only
    return [finding for finding in findings if finding.words not in inherited]


class SpecError(Exception):
    """Raised by the outermost call when there are findings; `diagnostics` has them as values."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n" + "\n\n".join(str(diagnostic) for diagnostic in self.diagnostics))


def where(site: Site | None) -> str:
    """`file:line` of a site, for the middle of a sentence."""
    return str(site) if site is not None else "an unknown place"


class Style(enum.Enum):
    """How a piece of a finding's text may be coloured."""

    PLAIN = "plain"
    LABEL = "label"  # severity and code
    MESSAGE = "message"
    GUTTER = "gutter"
    CARET = "caret"
    OPERANDS = "operands"


Line = tuple[tuple[Style, str], ...]


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic as plain text, without a newline at the end."""
    return "\n".join("".join(text for _, text in line) for line in lines(diagnostic))


def lines(diagnostic: Diagnostic) -> list[Line]:
    """The lines of a diagnostic's text, each in pieces with their styles. No piece breaks a line."""
    label = f"{diagnostic.code.severity.value}[{diagnostic.code.name}]"
    found: list[Line] = [((Style.LABEL, label), (Style.MESSAGE, f": {printable(diagnostic.message)}"))]
    gutter = " "
    if diagnostic.site is not None:
        place = diagnostic.site.place
        gutter = " " * len(str(place.line))
        column = "" if place.column is None else f":{place.column + 1}"
        found.append(_behind(f"{gutter}-->", f"{shown_path(place.file)}:{place.line}{column}"))
        if place.source:
            found += [_behind(f"{gutter} |"), _behind(f"{place.line} |", _columns_kept(place.source))]
            # An expression over several lines is shown by its first one.
            end = place.end_column if place.end_line == place.line else len(place.source)
            found += _caret(f"{gutter} |", place.source, place.column, end, printable(diagnostic.label))
    facts = []
    if diagnostic.cell:
        equation = f", equation `{diagnostic.equation}`" if diagnostic.equation else ""
        facts.append(f"in cell `{diagnostic.cell}`{equation}")
    facts += [*diagnostic.notes, *([f"help: {diagnostic.help}"] if diagnostic.help else [])]
    return [*found, *(_fact(gutter, fact) for fact in facts)]


def _behind(gutter: str, text: str = "") -> Line:
    return ((Style.GUTTER, gutter), *(((Style.PLAIN, f" {text}"),) if text else ()))


def _fact(gutter: str, text: str) -> Line:
    head, _, rest = text.partition(": ") if text.startswith("help: ") else ("", "", text)
    return ((Style.GUTTER, f"{gutter} = {head}{':' * bool(head)}".rstrip()), (Style.PLAIN, f" {printable(rest)}"))


def _columns_kept(source: str) -> str:
    """A line of source with one character for one, so that carets stand below what they mean."""
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in source)


def _caret(gutter: str, source: str, column: int | None, end: int | None, label: str) -> list[Line]:
    if column is None or end is None:
        return [_behind(gutter, label)] if label else []
    blank = "".join("\t" if character == "\t" else " " for character in source[:column])
    carets = (Style.CARET, f" {blank}{'^' * max(1, end - column)}")
    return [((Style.GUTTER, gutter), carets, *(((Style.OPERANDS, f" {label}"),) if label else ()))]
