"""What twins import: stubs for what Pyrefly's own lack, and a module that it has to refuse."""

from __future__ import annotations

from collections.abc import Mapping

SUPPORT = "_support"  # the module that twins import
HEAD = """\
from typing import Callable as _Callable, NamedTuple as _NamedTuple, cast as _cast, reveal_type as _reveal
import torch
from shape_extensions import Shaped as _Shaped, shape_vars as _shape_vars
from _support import {names}
"""

Axes = tuple[str, ...]
# Functions of the runtime → the axes of their argument and of their result; `*shape` is any.
WORDS: Mapping[str, tuple[Axes, Axes]] = {
    "flat": (("time", "batch", "size"), ("time*batch", "size")),
    "heaviside": (("*shape",), ("*shape",)),
}

# Those whose results have a shape that types do not say → their arguments.
UNSHAPED: Mapping[str, str] = {"padded": "u: torch.Tensor, before: int, after: int, axis: int"}

_LIKE = """\
import torch
from shape_extensions import Elements, IntTuple, Shaped, shape_vars

class _Like[S: IntTuple](torch.Tensor[S]):
    # Pyrefly's stubs of these say no shape, and know no tuple for the first
    def new_empty[Z: IntTuple](self, size: Z) -> torch.Tensor[Z]: ...
    def new_zeros[Z: IntTuple](self, size: Z) -> torch.Tensor[Z]: ...
    def new_ones[Z: IntTuple](self, size: Z) -> torch.Tensor[Z]: ...
    def new_full[Z: IntTuple](self, size: Z, value: float) -> torch.Tensor[Z]: ...
"""

CANARY = """\
import torch
from shape_extensions import Shaped, shape_vars

@shape_vars("n, k, batch")
def canary(x: Shaped[torch.Tensor, "[batch, n]"], W: Shaped[torch.Tensor, "[k, n]"], b: Shaped[torch.Tensor, "[k]"]):
    good = x @ W.T + b
    wrong = x + b
"""
REFUSED = CANARY.count("\n")  # its last line, and no other


def stubs() -> str:
    """The stub file that twins import."""
    unshaped = (f"def {name}({arguments}) -> torch.Tensor: ...\n" for name, arguments in UNSHAPED.items())
    return _LIKE + "".join([*unshaped, *(_word(name, *axes) for name, axes in WORDS.items())])


def _word(name: str, given: Axes, result: Axes) -> str:
    """The signature of a function of the runtime."""
    return f'@shape_vars("{", ".join(given)}")\ndef {name}(u: {_hint(given)}) -> {_hint(result)}: ...\n'


def _hint(axes: Axes) -> str:
    parts = [f"*Elements[{axis.removeprefix('*')}]" if axis.startswith("*") else axis for axis in axes]
    return f'Shaped[torch.Tensor, "[{", ".join(parts)}]"]'
