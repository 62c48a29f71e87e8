"""Values that users gave, as messages show them."""

from __future__ import annotations

import math
import re
import reprlib

LONGEST = 80  # characters
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # another one in every run
_CONTAINERS = (list, tuple, set, frozenset, dict)


def written(value: object) -> str:
    """A value on one line, short, without control characters, whatever its own `repr` does."""
    if isinstance(value, int) and value.bit_length() > 3 * LONGEST:  # Python refuses to write the longest
        return f"an integer of about {math.ceil(value.bit_length() * math.log10(2))} digits"
    try:
        text = reprlib.repr(value) if isinstance(value, _CONTAINERS) else repr(value)
    except Exception:  # a class of the user's may raise anything
        text = f"<{type(value).__name__}>"
    return one_line(text)


def said(error: BaseException) -> str:
    """The message of an exception on one line, whatever its own `str` does."""
    try:
        return one_line(str(error))
    except Exception:  # as above
        return f"<{type(error).__name__}>"


def printable(text: str, longest: int = 0, keep: str = "") -> str:
    """Text as it may be shown: on one line, without a character that a terminal or a reader of lines would obey.

    Args:
        text: Anything, such as the name of a file.
        longest: After so many characters it is cut; 0 for never.
        keep: Characters that stay as they are.

    """
    cut = text[: longest + 1] if longest else text
    shown = cut if cut.isprintable() else "".join(c if c.isprintable() or c in keep else _escape(c) for c in cut)
    return f"{shown[:longest]} …" if longest and len(text) > longest else shown


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def one_line(text: str, longest: int = LONGEST) -> str:
    """Text on one line, cut where it is long; characters that cannot be printed as their escapes."""
    whole = " ".join(_ADDRESS.sub("", text[: 10 * longest]).split())
    shown = printable(whole)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
