"""A file of layouts, read strictly: an unknown key, a wrong type, a name without a shape are refused with their place.

The top of `zoo/layouts.toml` gives the meaning of each key.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._foreign_arrays import LayoutError

CELL = "cell"  # the table that says which cell it is, beside those of its layouts
NOTHING = "0"  # in `rows`: the cell has nothing there


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter in `rows`, with the operand that it names itself."""

    parameter: str
    operand: str = ""


@dataclass(frozen=True, slots=True)
class ArrayTable:
    """An array as the file says it: operands are text."""

    name: str
    rows: tuple[Row | None, ...]
    columns: tuple[str, ...]
    transposed: bool
    lead: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A layout as the file says it."""

    cell: str
    name: str
    source: str
    suffix: str
    offsets: Mapping[str, float]
    arrays: tuple[ArrayTable, ...]


def read(text: str, file: str) -> dict[str, dict[str, Table]]:
    """Cell → name → layout.

    Raises:
        LayoutError: the text is no TOML, or not as its top says.

    """
    return {
        cell: {name: _table(file, cell, name, keys) for name, keys in tables.items() if name != CELL}
        for cell, tables in parsed(text, file).items()
    }


def parsed(text: str, file: str) -> dict[str, dict[str, Any]]:
    """Cell → name of a table → its keys. Raises LayoutError when the text is no TOML, or has no such tables."""
    try:
        cells = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{file} is no TOML: {error}") from error
    for cell, tables in cells.items():
        require(isinstance(tables, dict), f"{file}: {cell}", tables, "tables [CELL.NAME]")
    return cells


def described(array: ArrayTable) -> str:
    """An array in a line: `W_i, W_f, W_g, W_o on x, transposed`."""
    rows = [
        NOTHING if row is None else row.parameter + (f"[{row.operand}]" if row.operand else "") for row in array.rows
    ]
    parts = [", ".join(rows) + (f" on {', '.join(array.columns)}" if array.columns else "")]
    parts += ["transposed"] if array.transposed else []
    parts += [f"stored as {(*array.lead, '…')}".replace("'", "")] if array.lead else []
    return "; ".join(parts)


def _table(file: str, cell: str, name: str, keys: Any) -> Table:
    where = f"{file}: [{cell}.{name}]"
    require(isinstance(keys, dict), where, keys, "a table")
    rest = dict(keys)
    source, suffix, offsets = rest.pop("source", None), rest.pop("suffix", ""), rest.pop("offsets", {})
    require(isinstance(source, str) and source != "", f"{where} source", source, "text that says what it is of")
    require(isinstance(suffix, str), f"{where} suffix", suffix, "text")
    are_numbers = isinstance(offsets, dict) and all(isinstance(value, float) for value in offsets.values())
    require(are_numbers, f"{where} offsets", offsets, "{ PARAMETER = NUMBER }, with a decimal point")
    require(bool(rest), where, rest, "an array")
    return Table(cell, name, source, suffix, offsets, tuple(_array(where, array, rest[array]) for array in rest))


KEYS = ("rows", "columns", "transposed", "lead")


def _array(where: str, name: str, keys: Any) -> ArrayTable:
    where = f"{where} {name}"
    require(isinstance(keys, dict), where, keys, 'a table { rows = ["W_f", …], … }')
    for key in keys:
        near = difflib.get_close_matches(key, KEYS, 1)
        help_ = f"; did you mean `{near[0]}`?" if near else ""
        require(key in KEYS, f"{where} {key}", keys[key], f"one of the keys {', '.join(KEYS)}{help_}")
    rows, columns, lead = keys.get("rows", []), keys.get("columns", []), keys.get("lead", [])
    require(are(str, rows) and rows != [], f"{where} rows", rows, 'names of parameters, ["W_f", …]')
    require(are(str, columns), f"{where} columns", columns, 'operands, ["x", "h"]')
    require(are(int, lead) and all(axis > 0 for axis in lead), f"{where} lead", lead, "sizes of axes, [1]")
    transposed = keys.get("transposed", False)
    require(isinstance(transposed, bool), f"{where} transposed", transposed, "true or false")
    return ArrayTable(name, tuple(_row(where, row) for row in rows), tuple(columns), transposed, tuple(lead))


def _row(where: str, text: str) -> Row | None:
    if text == NOTHING:
        return None
    match = re.fullmatch(r"(\w+)(?:\[(.+)\])?", text)
    if match is None:
        raise LayoutError(f'{where}: {text!r} is no part; expected "W_f", "W_f[x]" or "{NOTHING}"')
    return Row(match[1], match[2] or "")


def are(kind: type, values: Any) -> bool:
    """Whether it is a list of such values."""
    return isinstance(values, list) and all(type(value) is kind for value in values)


def require(fits: bool, where: str, got: Any, expected: str) -> None:
    """Raise LayoutError unless a value fits."""
    if not fits:
        raise LayoutError(f"{where} is {got!r}; expected {expected}")
