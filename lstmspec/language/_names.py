"""Names: what may be one, and how it is spelled in generated code.

A name in a spec can never become code: it must be a plain identifier, and generated code never renames one. So names
that generated code needs for itself, and names that would be spelled alike, are refused when the cell is declared.
"""

from __future__ import annotations

import keyword
import re

from ..nodes import Kind, Name

# What generated modules call things; a cell may not. A test holds the last group against torch.nn.Module itself.
_OWN = (
    "np torch Float Tensor params state time batch at rng self cls ctx device dtype forward backward "
    "double_backward outputs step init zeros flat part orthogonal sigmoid softmax Params State Tape sequence checked "
    "sizes sizes_given sizes_in_spec is_a ShapeError ys d_params d_state probe_params probe_state spec grad tape rest "
    "probes bound dataclass to_spec from_spec output reset_parameters extra_repr once_differentiable FunctionCtx "
    "bool dict float getattr int isinstance iter len list next print property range reversed staticmethod classmethod "
    "str super tuple type zip equations jacobian shapes adjoint system is_spec "
)
_OF_MODULES = (
    "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double "
    "dump_patches eval get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules "
    "mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook "
    "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook "
    "register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ "
    "set_extra_state set_submodule share_memory state_dict to to_empty train training xpu zero_grad "
)
RESERVED = frozenset((_OWN + _OF_MODULES).split())

# What generated code puts in front of names: adjoints, values of all steps, parts moved out of the loop, and so on.
PREFIXES = ("d_", "dd_", "up_", "upup_", "all_", "pre_", "sub_", "total_", "last_", "probe_")

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)


def trouble_with(name: str) -> str | None:
    """Why a name cannot be used in a cell, or None when it can."""
    if keyword.iskeyword(name) or name in ("True", "False", "None"):
        return "it is a Python keyword"
    if not _IDENTIFIER.match(name):
        return "generated code needs a plain identifier: a letter, then letters, digits and _"
    if name in RESERVED:
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
}
