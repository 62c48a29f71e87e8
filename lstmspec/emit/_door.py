"""The source of a cell's module in one backend, for whoever wants to run it without writing files."""

from __future__ import annotations

from ..diagnostics import Code, Diagnostic, SpecError
from ..language import System
from ._backends import BACKENDS
from ._context import Context
from ._render import render


def source(system: System, backend_name: str) -> str:
    """The module of a cell, as `generate` writes it but for its header and its layout.

    It imports what the other files of `generate([])` hold, relative to a package `generated.NAME`.

    Raises:
        ValueError: there is no such backend.
        SpecError: the cell is ill-shaped, or has no inputs.

    """
    if not system.inputs:
        message = "a cell without inputs has no sequence to run over"
        raise SpecError([Diagnostic(Code.LS212, message, None, system.name, help="declare one: x = Input(n)")])
    known = {backend.name: backend for backend in BACKENDS}
    if backend_name not in known:
        raise ValueError(f"no backend `{backend_name}`; expected one of {', '.join(known)}")
    backend = known[backend_name]
    return render(Context(system), backend.template, backend.spelling, backend.array)
