"""What there is to say about a cell, whatever happens while it is said."""

from __future__ import annotations

import traceback
from pathlib import Path

from ..cell import CellMeta
from ..checker import check
from ..diagnostics import Code, Diagnostic, Site, SpecError, said
from ..linter import lint


def findings_of(cell: CellMeta) -> list[Diagnostic]:
    """Every finding about a cell: what is wrong or, where nothing is, what is seldom meant."""
    return list(check(cell).diagnostics or lint(cell))


def contained(cell: CellMeta) -> list[Diagnostic]:
    """Every finding about a cell; one that the checker cannot cope with is a finding too, and hides no other cell's."""
    try:
        return findings_of(cell)
    except SpecError as error:
        return list(error.diagnostics)
    except Exception as error:
        return [_crashed(cell, error)]


def _crashed(cell: CellMeta, error: Exception) -> Diagnostic:
    last = traceback.extract_tb(error.__traceback__)[-1]
    deep = isinstance(error, RecursionError)
    message = f"`{cell.__name__}` cannot be checked: {type(error).__name__}: {said(error)}"
    note = f"raised at {Path(last.filename).name}:{last.lineno} in {last.name}"
    help_ = "split the equation into several" if deep else "this is a fault of lstmspec; please report it with the cell"
    return Diagnostic(Code.LS213, message, site_of(cell), cell.__name__, notes=(note,), help=help_)


def site_of(cell: CellMeta) -> Site | None:
    """Where a cell begins, or the cell that it is a variant of."""
    system = cell.system
    sites = [symbol.site for symbol in system.symbols.values()]
    sites += [equation.site for equation in system.equations.values()]
    return next((site for site in sites if site is not None), None)
