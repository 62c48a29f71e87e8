"""Names: what may be one, and how it is spelled in generated code.

A name in a spec can never become code: it must be a plain identifier, and generated code never renames one. So names
that generated code needs for itself, and names that would be spelled alike, are refused when the cell is declared.
"""

from __future__ import annotations

import functools
import keyword
import re
from pathlib import Path

from ..nodes import Kind, Name

_OF_CELLS = "equations jacobian shapes adjoint system is_spec"  # what cell classes answer
_BACKENDS = Path(__file__).parent.parent / "emit"


@functools.cache
def reserved() -> frozenset[str]:
    """What a cell may call nothing: each backend's folder has a file with the words that its code uses itself."""
    lines = (line for file in sorted(_BACKENDS.glob("*/reserved.txt")) for line in file.read_text().splitlines())
    return frozenset(" ".join([_OF_CELLS, *(line for line in lines if not line.startswith("#"))]).split())


# What generated code puts in front of names: adjoints, values of all steps, parts moved out of the loop, and so on.
PREFIXES = ("d_", "dd_", "up_", "upup_", "seed_", "all_", "last_", "probe_", "total_")

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)


def trouble_with(name: str) -> str | None:
    """Why a name cannot be used in a cell, or None when it can."""
    if keyword.iskeyword(name) or name in ("True", "False", "None"):
        return "it is a Python keyword"
    if not _IDENTIFIER.match(name):
        return "generated code needs a plain identifier: a letter, then letters, digits and _"
    if name in reserved():
        return "generated code uses it for itself"
    if name.startswith(PREFIXES):
        prefix = next(prefix for prefix in PREFIXES if name.startswith(prefix))
        return f"generated code uses names with {prefix} in front for itself"
    return None


def sequence_name(name: str) -> str:
    """What the values of an input at all steps are called: `x` → `xs`, where that is a usable name; else `a_seq`."""
    plural = f"{name}s"
    return plural if trouble_with(plural) is None else f"{name}_seq"


def spelled(name: str) -> str:
    """The identifier of a name in generated code.

    `c.next` → `c_next`; the adjoints `dL/df` → `d_f` and `dM/d(dL/df)` → `dd_d_f`; a cotangent from outside,
    `upL(h.next)`, → `up_h_next`.
    """
    name = Name(name)
    if name.kind is Kind.PLAIN:
        return str(name)
    if name.kind is Kind.NEXT or name.kind is Kind.PREVIOUS:
        return f"{spelled(name.base)}_{'next' if name.is_next else 'prev'}"
    return _IN_FRONT[name.kind, name.letter] + spelled(name.base)


_IN_FRONT = {
    (Kind.ADJOINT, "L"): "d_",
    (Kind.ADJOINT, "M"): "dd_",
    (Kind.UPSTREAM, "L"): "up_",
    (Kind.UPSTREAM, "M"): "upup_",
    (Kind.SEED, ""): "seed_",
    (Kind.PROBE, ""): "probe_",
}
