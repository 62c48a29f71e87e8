"""Refusals while a cell's body runs: raised at once, with the cell's name and what was found in it before."""

from __future__ import annotations

import sys
from typing import Any

from ._codes import Code
from ._diagnostic import Diagnostic, SpecError
from ._site import here


def refused(code: Code, message: str, help: str = "") -> SpecError:  # noqa: A002  it is the diagnostic's field
    """The error to raise for something that cannot be taken as part of a cell."""
    body = _running_body()
    earlier = body.findings if body is not None else []
    cell = body.cell if body is not None else ""
    return SpecError([*earlier, Diagnostic(code, message, here(), cell, help=help)])


def _running_body() -> Any:
    """The namespace of the class body that is being run, if one is: the locals of its frame."""
    frame = sys._getframe(1)
    while frame is not None:
        if hasattr(frame.f_locals, "findings") and hasattr(frame.f_locals, "cell"):
            return frame.f_locals
        frame = frame.f_back  # type: ignore[assignment]
    return None
