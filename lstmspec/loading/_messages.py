"""What a child says of a file, as lines of JSON.

A child runs other people's code, which may write into whatever it has open: its words are data, never pickles,
and what has another form is refused.
"""

from __future__ import annotations

import json
import linecache
from collections.abc import Mapping
from typing import Any

from ..diagnostics import Code, Diagnostic, Place, Replacement, Site
from ._file_findings import CellFindings
from ._file_sites import Spot, Unshown

Fields = Mapping[str, Any]


class Unreadable(Exception):
    """What a child sent is no message."""


def line(**fields: object) -> bytes:
    """A message."""
    return json.dumps(fields).encode() + b"\n"


def parsed_line(text: bytes) -> Fields:
    """A message's fields. Raises Unreadable."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    return fields if isinstance(fields, dict) else _refuse()


def packed_cell(cell: CellFindings) -> Fields:
    """A cell as data."""
    findings = [packed(finding) for finding in cell.findings]
    return {"key": list(cell.key), "bases": [list(base) for base in cell.bases], "findings": findings}


def unpacked_cell(data: object) -> CellFindings:
    """The cell. Raises Unreadable."""
    fields = data if isinstance(data, dict) else _refuse()
    bases = tuple(_key(base) for base in _list(fields.get("bases")))
    return CellFindings(_key(fields.get("key")), bases, unpacked_all(fields.get("findings")))


def packed(finding: Diagnostic) -> Fields:
    """A finding as data."""
    return {
        "code": finding.code.name,
        "site": _packed_site(finding.site),
        "texts": [finding.message, finding.cell, finding.equation, finding.label, finding.help],
        "notes": list(finding.notes),
        "mend": [[_packed_site(edit.site), edit.text] for edit in finding.mend],
    }


def unpacked_all(data: object) -> tuple[Diagnostic, ...]:
    """Findings. Raises Unreadable."""
    return tuple(_unpacked(one) for one in _list(data))


def _unpacked(data: object) -> Diagnostic:
    fields = data if isinstance(data, dict) else _refuse()
    code = fields.get("code")
    if not isinstance(code, str) or code not in Code.__members__:
        raise Unreadable
    message, cell, equation, label, help_ = _texts(fields.get("texts"), 5)
    edits = [_list(edit, 2) for edit in _list(fields.get("mend"))]
    mend = tuple(Replacement(_site(site) or _refuse(), _text(text)) for site, text in edits)
    notes = _texts(fields.get("notes"))
    return Diagnostic(Code[code], message, _site(fields.get("site")), cell, equation, label, notes, help_, mend)


def _packed_site(site: Site | None) -> list[object] | None:
    if site is None:
        return None
    place = site.place
    shown = not isinstance(place, Unshown)
    return [place.file, place.line, place.column, place.end_line, place.end_column, shown]


def _site(data: object) -> Site | None:
    if data is None:
        return None
    file, line, column, end_line, end_column, shown = _list(data, 6)
    kind = Place if shown else Unshown
    linecache.checkcache(_text(file))  # the child saw the file as it is now
    return Spot(kind(_text(file), _count(line), _column(column), _count(end_line), _column(end_column)))


def _key(data: object) -> tuple[str, str]:
    file, name = _texts(data, 2)
    return file, name


def _texts(data: object, count: int | None = None) -> tuple[str, ...]:
    return tuple(_text(one) for one in _list(data, count))


def _text(data: object) -> str:
    return data if isinstance(data, str) else _refuse()


def _column(data: object) -> int | None:
    return None if data is None else _count(data)


def _count(data: object) -> int:
    return data if isinstance(data, int) and 0 <= data < 2**31 else _refuse()


def _list(data: object, count: int | None = None) -> list[Any]:
    return data if isinstance(data, list) and count in (None, len(data)) else _refuse()


def _refuse() -> Any:
    raise Unreadable
