"""The audits of libraries' cells and the verdicts expected of them, as `zoo/library_audits.toml` lists them.

The file is read strictly: an unknown key, a wrong type, a cell that there is not are refused with their place.
"""

from __future__ import annotations

import difflib
import pkgutil
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from .. import zoo

FILE = "library_audits.toml"


class LibraryRowError(ValueError):
    """Raised for a file that is not as its top says."""


@dataclass(frozen=True)
class LibraryRow:
    """A comparison.

    Attributes:
        cell: The built-in cell.
        code: The code that is compared with it, as `lstmspec audit` takes it.
        edits: The edited equations that have to be found, edits of all biases first; none if both agree.
        sizes: Sizes of dimension symbols, where they matter.
        constants: Values of the cell's constants that the code is made with.
        notes: Lines read where they differ, and questions asked where they agree.

    """

    cell: str
    code: str
    edits: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def library_rows() -> tuple[LibraryRow, ...]:
    """All comparisons, in the order of the file. Raises LibraryRowError."""
    return read((pkgutil.get_data(zoo.__name__, FILE) or b"").decode(), FILE, zoo.cells())


def read(text: str, file: str, cells: Collection[str]) -> tuple[LibraryRow, ...]:
    """The comparisons in a text. Raises LibraryRowError when it is no TOML, or not as the top of the file says."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LibraryRowError(f"{file} is no TOML: {error}") from error
    audits = tables.pop("audit", None)
    _require(not tables, file, tables, "nothing but tables [[audit]]")
    if not isinstance(audits, list) or not audits:
        raise LibraryRowError(f"{file}: expected tables [[audit]], got {audits!r}")
    return tuple(row for at, keys in enumerate(audits, 1) for row in _rows(f"{file}: audit {at}", keys, cells))


def _rows(where: str, keys: object, cells: Collection[str]) -> Iterator[LibraryRow]:
    """One verdict: a row for each code; notes stand at the first."""
    if not isinstance(keys, dict):
        raise LibraryRowError(f"{where}: expected a table, got {keys!r}")
    for key, value in keys.items():
        near = difflib.get_close_matches(key, KEYS, 1)
        guess = f"; did you mean `{near[0]}`?" if near else ""
        _require(key in KEYS, where, key, f"one of the keys {', '.join(KEYS)}{guess}")
        fits, expected = KEYS[key]
        _require(fits(value), f"{where}: {key}", value, expected)
    _require("cell" in keys and "code" in keys, where, list(keys), "the keys cell and code")
    _require(keys["cell"] in cells, f"{where}: cell", keys["cell"], f"one of {', '.join(cells)}")
    for code in keys["code"]:
        yield LibraryRow(
            keys["cell"],
            code,
            tuple(keys.get("edits", ())),
            keys.get("sizes", {}),
            keys.get("constants", {}),
            tuple(keys.get("notes", ())) if code == keys["code"][0] else (),
        )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(text, str) for text in value)


def _are(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(type(number) is kind for number in value.values())


KEYS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "cell": (lambda value: isinstance(value, str), "the name of a built-in cell"),
    "code": (_are_texts, 'a list, ["package:NAME(n, k)", …]'),
    "edits": (_are_texts, 'a list of equations, ["f = sigmoid(…)", …]'),
    "sizes": (_are(int), "{ DIMENSION = NUMBER }"),
    "constants": (_are(float), "{ CONSTANT = NUMBER }, with a decimal point"),
    "notes": (_are_texts, 'a list of texts, ["paper: …", "code: …"]'),
}


def _require(fits: bool, where: str, got: object, expected: str) -> None:
    if not fits:
        raise LibraryRowError(f"{where} is {got!r}; expected {expected}")
