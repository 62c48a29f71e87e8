"""Source spans: where in the user's file an expression was written.

A `Site` is taken for every node, so taking one must cost next to nothing: it keeps the code object and the instruction,
and line and columns are looked up (`co_positions`) only when somebody asks.
"""

from __future__ import annotations

import itertools
import linecache
import os
import sys
from dataclasses import dataclass
from types import CodeType

from ._written import printable


@dataclass(frozen=True, slots=True)
class Place:
    """A span in a file; columns count characters from 0, in the first and in the last line.

    They are None where Python kept none.
    """

    file: str
    line: int
    column: int | None
    end_line: int
    end_column: int | None

    @property
    def source(self) -> str:
        """The line as it stands in the file, or nothing when the file cannot be read."""
        return _line(self.file, self.line).rstrip("\n")

    @property
    def rest(self) -> str:
        """What stands behind the span in its last line."""
        return _line(self.file, self.end_line)[self.end_column :].rstrip("\n")

    @property
    def text(self) -> str:
        """What stands in the span; nothing when the file cannot be read or Python kept no columns."""
        if self.column is None or self.end_column is None:
            return ""
        lines = [_line(self.file, line) for line in range(self.line, self.end_line + 1)]
        lines[-1] = lines[-1][: self.end_column]
        return "".join([lines[0][self.column :], *lines[1:]])


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """An instruction of a code object: the cheap form of a place."""

    code: CodeType
    instruction: int
    line: int

    def __str__(self) -> str:
        """`file:line`, without looking up columns: those cost time in proportion to the size of the code."""
        return f"{shown_path(self.code.co_filename)}:{self.line}"

    def same_place(self, other: Site) -> bool:
        """Whether both are one instruction."""
        return self.code is other.code and self.instruction == other.instruction

    @property
    def place(self) -> Place:
        """Line and columns; an expression over several lines is shown by its first one."""
        positions = self.code.co_positions()
        start, end, column, end_column = next(
            itertools.islice(positions, self.instruction // 2, None), (None, None, None, None)
        )
        file = self.code.co_filename
        if start is None or column is None or end_column is None:
            return Place(file, start or self.line, None, start or self.line, None)
        last = start if end is None else end
        return Place(file, start, _characters(file, start, column), last, _characters(file, last, end_column))


def _characters(file: str, line: int, column: int) -> int:
    """Characters before a column of a line: co_positions counts UTF-8 bytes."""
    return len(_line(file, line).encode()[:column].decode(errors="replace"))


def _line(file: str, line: int) -> str:
    """A line of a file that still is one: a pipe or a device of that name would be waited for."""
    return linecache.getline(file, line) if file in linecache.cache or os.path.isfile(file) else ""


def relative_path(file: str) -> str:
    """A path from the working directory where the file is below it, else the whole path."""
    try:
        shown = os.path.relpath(file) if os.path.isabs(file) else file
    except (OSError, ValueError):  # there is no working directory any more; another drive
        return file
    return file if shown.startswith(os.pardir) else shown


def shown_path(file: str) -> str:
    """The relative path as it may be shown: the name of a file may have any character but a slash and a null byte."""
    return printable(relative_path(file))


_PACKAGES = ("lstmspec.", "sympy.", "numpy.", "torch.")


def here() -> Site | None:
    """The innermost frame that is the user's: outside this package and those that call it back, or a built-in cell."""
    frame = sys._getframe(1)  # the public inspect.stack() reads source files on every call
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(_PACKAGES) or module.startswith("lstmspec.zoo."):
            return Site(frame.f_code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None
