"""Places of what never ran: no instruction stands for a syntax error, nor for a file as a whole."""

from __future__ import annotations

import os

from ..diagnostics import Place, Site

LONGEST_LINE = 500  # characters; what is longer was written by no hand, and hides the message


class Spot(Site):
    """A site known by its lines and columns."""

    __slots__ = ("_place",)
    _place: Place

    def __init__(self, place: Place) -> None:
        super().__init__(compile("", place.file, "exec"), 0, place.line)
        object.__setattr__(self, "_place", place)

    @property
    def place(self) -> Place:
        """The span that it was made with."""
        return self._place


class Unshown(Place):
    """A span whose text is not shown: it is no text, or too long, or may not be read."""

    __slots__ = ()

    @property
    def source(self) -> str:
        """Nothing."""
        return ""


def whole(path: str | os.PathLike[str]) -> Site:
    """A file or folder as a whole."""
    return Spot(Unshown(os.fspath(path), 1, None, 1, None))


def of_syntax(path: str | os.PathLike[str], error: SyntaxError) -> Site:
    """Where a file does not parse; the file as a whole where Python does not know."""
    if not error.lineno or error.lineno < 1:
        return whole(path)
    if not error.offset or error.offset < 1:
        return Spot(Place(os.fspath(path), error.lineno, None, error.lineno, None))
    column = error.offset - 1
    # Python counts from 1, and says 0, -1 or nothing for an end that it does not know.
    end_line = error.end_lineno if error.end_lineno and error.end_lineno >= error.lineno else error.lineno
    end = error.end_offset - 1 if error.end_offset and error.end_offset > 0 else column + 1
    if end_line == error.lineno:
        end = max(end, column + 1)
    place = Place(os.fspath(path), error.lineno, column, end_line, end)
    long = len(place.source) > LONGEST_LINE
    return Spot(Unshown(place.file, place.line, column, end_line, end) if long else place)


def of_byte(path: str | os.PathLike[str], source: bytes, index: int) -> Site:
    """A byte of a file that is no text, by its line."""
    line = source.count(b"\n", 0, index) + 1
    return Spot(Unshown(os.fspath(path), line, None, line, None))
