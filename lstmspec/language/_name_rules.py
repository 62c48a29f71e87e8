"""Whether the names of a cell can be names of generated code: allowed, distinct when spelled, and no dimensions."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from ..diagnostics import Code, Diagnostic, Site
from ..nodes import Name, subnodes
from ..sizes import Size
from ._names import sequence_name, spelled, trouble_with
from ._system import Equation, Role, Symbol

_DEVICE = re.compile("con|prn|aux|nul|(com|lpt)[0-9]", re.ASCII | re.IGNORECASE)  # no files, whatever the ending


def ill_named(
    cell: str, site: Site | None, symbols: Mapping[Name, Symbol], equations: Mapping[Name, Equation]
) -> Iterator[Diagnostic]:
    """Findings about the names of a cell, and its own."""
    trouble = trouble_with(cell)
    if trouble is None and keyword.iskeyword(cell.lower()):
        trouble = f"its folder would be `{cell.lower()}`, which Python cannot import"
    if trouble is None and _DEVICE.fullmatch(cell):
        trouble = f"its folder would be `{cell.lower()}`, which is a device on Windows"
    if trouble is not None:
        yield Diagnostic(Code.LS202, f"`{cell}` cannot be a cell's name: {trouble}", site, cell, help="rename it")
    dimensions = _dimensions(symbols, equations)
    sites = {name: symbol.site for name, symbol in symbols.items()}
    sites |= {name: equation.site for name, equation in equations.items()}

    def finding(code: Code, name: Name, message: str, help_: str) -> Diagnostic:
        equation = name if name in equations else ""
        return Diagnostic(code, message, (dimensions | sites)[name], cell, equation, help=help_)

    seen: dict[str, str] = {}
    refused = [name for name in equations if not _is_next(name, symbols) and trouble_with(name) is not None]
    for name in dimensions | sites:
        symbol = symbols.get(name)
        if symbol is not None and symbol.layer and any(name.endswith(f"_{bad}") for bad in refused):
            continue  # the equation that it is named after is reported
        trouble = None if _is_next(name, symbols) else trouble_with(name)
        if trouble is not None:
            yield finding(Code.LS202, name, f"`{name}` cannot be a name: {trouble}", "choose another name")
            continue
        for identifier in _identifiers(name, symbol):
            other = seen.setdefault(identifier, name)
            if other != name:
                message = f"`{name}` and `{other}` would both be spelled `{identifier}`"
                yield finding(Code.LS203, name, message, "generated code renames nothing; choose another name")
                break
    for name in dimensions:
        if name in sites:
            message, help_ = f"`{name}` is a dimension and a name in the cell", "choose another name for one of them"
            yield Diagnostic(Code.LS203, message, sites[name], cell, name if name in equations else "", help=help_)


def _is_next(name: Name, symbols: Mapping[Name, Symbol]) -> bool:
    return name.is_next and name.base in symbols


def _identifiers(name: Name, symbol: Symbol | None) -> tuple[str, ...]:
    """What stands for a name in generated code: itself, and its cotangents in the derived functions."""
    own = (spelled(name), f"d_{spelled(name)}", f"dd_{spelled(name)}")
    if symbol is None or symbol.role is not Role.INPUT:
        return own
    return (*own, sequence_name(name), f"d_{sequence_name(name)}")


def _dimensions(symbols: Mapping[Name, Symbol], equations: Mapping[Name, Equation]) -> dict[Name, Site | None]:
    """Every dimension symbol with a place where it is used: in declarations, then in slices, ones and zeros."""
    found = [(size, symbol.site) for symbol in symbols.values() for size in symbol.shape or ()]
    for equation in equations.values():
        attrs = [attr for node in subnodes(equation.expr) for attr in node.attrs]
        found += [(attr, equation.site) for attr in attrs if isinstance(attr, Size)]
    return {Name(atom): site for size, site in reversed(found) if size is not None for atom in size.atoms}
