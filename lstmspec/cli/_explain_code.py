"""The long form of a code: what it means, a file that is refused for it, what is said then, and the same file right.

Each code has a folder in `lstmspec/codes`; a test compares `invalid.txt` with what the checker says of `invalid.py`.
"""

from __future__ import annotations

import difflib
import importlib.resources
import os
import re
import textwrap
from importlib.resources.abc import Traversable

import click

from ..diagnostics import Code


def is_code(text: str) -> bool:
    """Whether a SPEC is meant as a code: it looks like one, and is no file."""
    return re.fullmatch(r"LS[0-9]+", text, re.ASCII | re.IGNORECASE) is not None and not os.path.exists(text)


def about_code(text: str) -> str:
    """The long form of a code.

    Raises:
        click.UsageError: there is no such code.

    """
    known = [code.name for code in Code]
    name = text.upper()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise click.UsageError(f"{text} is no code; did you mean {close[0]}?" if close else f"{text} is no code")
    code = Code[name]
    head = f"{name} ({code.severity.value}): {code.value}"
    folder = importlib.resources.files(__package__.partition(".")[0]).joinpath("codes", name)
    if not folder.is_dir():
        return head
    return "\n\n".join([head, *_parts(folder, "This is warned of:" if code.is_lint else "This is refused:")])


def _parts(folder: Traversable, refused: str) -> list[str]:
    about, invalid, said, valid = (
        folder.joinpath(name).read_text(encoding="utf-8").strip("\n")
        for name in ("about.md", "invalid.py", "invalid.txt", "valid.py")
    )
    _, _, body = about.partition("\n\n")  # the title is in the head
    return [body, refused, _indented(invalid), said, "This is accepted:", _indented(valid)]


def _indented(source: str) -> str:
    return textwrap.indent(source, "    ")
