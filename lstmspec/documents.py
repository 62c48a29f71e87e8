"""Tables of measurements in documents: Markdown between two marks, with digits that do not depend on the machine."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .files import replacing

MEASUREMENTS = Path(__file__).resolve().parent.parent / "docs" / "measurements.md"  # in a checkout, and not installed
_ROUNDED = re.compile(r"\b1e-\d+\b")


class DocumentError(ValueError):
    """A document cannot be read or written, or has no place for its table; says which, and why."""


@dataclass(frozen=True)
class Document:
    """A document of a checkout with a table between two lines.

    Attributes:
        path: The file.
        start: The line before the table.
        end: The line behind it.

    """

    path: Path
    start: str
    end: str

    @property
    def name(self) -> str:
        """Its path in a checkout."""
        return "/".join(self.path.parts[-2:])

    def read(self) -> str:
        """Its text, which has a place for the table. Raises DocumentError."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise DocumentError(f"cannot read {self.path}: {why}; --write and --check need a checkout") from error
        self.with_table(text, "")
        return text

    def with_table(self, text: str, table: str) -> str:
        """A text with the table between its marks. Raises DocumentError."""
        before, start, rest = text.partition(self.start)
        _, end, after = rest.partition(self.end)
        if not start or not end:
            marks = f"a line `{self.start}` and a line `{self.end}`"
            raise DocumentError(f"{self.path} has no place for the table: it needs {marks}")
        return f"{before}{start}\n{table}\n{end}{after}"

    def write(self, table: str) -> None:
        """Put the table in its place; the file is written whole, or left as it was. Raises DocumentError."""
        text = self.with_table(self.read(), table)
        try:
            with replacing(self.path) as stream:
                stream.write(text.encode())
        except OSError as error:
            raise DocumentError(f"cannot write {self.path}: {error.strerror}") from error

    def stale(self, table: str) -> list[str]:
        """A diff of its table and this one; rounded digits may be others. Raises DocumentError."""
        text = self.read()
        old, new = (_ROUNDED.sub("1e-…", part).splitlines() for part in (text, self.with_table(text, table)))
        return list(difflib.unified_diff(old, new, "documented", "found", "", "", 0, ""))


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def power_of_ten(number: float, least: float) -> str:
    """A number rounded up to a power of ten, but to this one at least, below which digits are the machine's."""
    return f"1e{math.ceil(math.log10(max(number, least)) - 1e-9)}"
