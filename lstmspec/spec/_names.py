"""Names: what may be one, and how it is spelled in generated code.

A name in a spec can never become code: it must be a plain identifier, and generated code never renames one. So names
that generated code needs for itself, and names that would be spelled alike, are refused when the cell is declared.
"""

from __future__ import annotations

import keyword
import re

# What generated modules call things; a cell may not.
RESERVED = frozenset(
    "np torch Float Tensor params state time batch at rng self ctx device dtype forward backward double_backward step "
    "init zeros flat sigmoid Params State Tape sequence checked sizes sizes_in_spec ShapeError ys tape rest bound "
    "dataclass to_spec from_spec reset_parameters extra_repr training range len tuple reversed super output "
    "equations jacobian shapes adjoint system is_spec".split()
)

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
_WRAPPED = re.compile(r"d([LM])/d\((.*)\)\Z|d([LM])/d(.*)\Z|(up[LM])\((.*)\)\Z")


def trouble_with(name: str) -> str | None:
    """Why a name cannot be used in a cell, or None when it can."""
    if keyword.iskeyword(name) or name in ("True", "False", "None"):
        return "it is a Python keyword"
    if not _IDENTIFIER.match(name):
        return "generated code needs a plain identifier: a letter, then letters, digits and _"
    if name in RESERVED:
        return "generated code uses it for itself"
    if name.startswith("all_"):
        return "generated code uses all_… for values of all steps"
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
    if match := _WRAPPED.match(name):
        inner, plain_inner = match[2] or match[4] or match[6], match[1] or match[3] or match[5]
        prefix = {"L": "d_", "M": "dd_", "upL": "up_", "upM": "upup_"}[plain_inner]
        return prefix + spelled(inner)
    return name.replace(".", "_")
