"""The cells whose layouts are known, as the file of layouts says them, and how a cell of the same name differs.

A layout fits the parameters of one set of equations. A variant with the same names would take the same arrays, and
compute something else with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..language import Role, System
from ..nodes import text
from ._read import CELL, are, parsed, require

ROLES = tuple(role.value for role in (Role.INPUT, Role.STATE, Role.WEIGHT, Role.BIAS, Role.CONSTANT))
EQUATIONS = "equations"


@dataclass(frozen=True, slots=True)
class KnownCell:
    """A cell as the file says it: name → role, and name → right side, in the language's own spelling."""

    roles: Mapping[str, str]
    equations: Mapping[str, str]


def read_cells(text: str, file: str) -> dict[str, KnownCell]:
    """Name → cell.

    Raises:
        LayoutError: the text is no TOML, or not as its top says.

    """
    return {cell: _known(f"{file}: [{cell}.{CELL}]", tables.get(CELL)) for cell, tables in parsed(text, file).items()}


def known_cell(system: System) -> KnownCell:
    """A cell in the form of the file."""
    roles = {str(name): symbol.role.value for name, symbol in system.symbols.items()}
    return KnownCell(roles, {str(name): text(equation.expr) for name, equation in system.equations.items()})


def difference(own: KnownCell, known: KnownCell) -> str:
    """The first difference of a cell from the known one of its name, in words; empty where there is none."""
    for kind, ours, theirs in (("name", own.roles, known.roles), ("equation", own.equations, known.equations)):
        for name in {**theirs, **ours}:
            if name not in ours:
                return f"it has no {kind} `{name}`"
            if name not in theirs:
                return f"the built-in one has no {kind} `{name}`"
            if ours[name] != theirs[name]:
                return f"`{name}` differs: it is `{ours[name]}`, and `{theirs[name]}` in the built-in one"
    return ""


def _known(where: str, keys: Any) -> KnownCell:
    require(isinstance(keys, dict), where, keys, "a table of roles and equations")
    for key in keys:
        expected = f"one of the keys {', '.join((*ROLES, EQUATIONS))}"
        require(key in (*ROLES, EQUATIONS), f"{where} {key}", keys[key], expected)
    lists = {role: keys.get(role, []) for role in ROLES}
    for role, names in lists.items():
        require(are(str, names), f"{where} {role}", names, 'names, ["x"]')
    lines = keys.get(EQUATIONS)
    require(isinstance(lines, str) and lines.strip() != "", f"{where} {EQUATIONS}", lines, "lines `NAME = EXPRESSION`")
    pairs = [line.partition(" = ") for line in lines.splitlines() if line.strip()]
    for name, equals, expression in pairs:
        require(equals != "", f"{where} {EQUATIONS}", name + equals + expression, "lines `NAME = EXPRESSION`")
    roles = {name: role for role, names in lists.items() for name in names}
    return KnownCell(roles, {name: expression for name, _, expression in pairs})
