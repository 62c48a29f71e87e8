"""Names that nothing defines, as expressions."""

from __future__ import annotations

from typing import Any

from ..diagnostics import SpecError, found_before
from ._dimension import Reported
from ._node import Node, Operand
from ._refused_operators import ALONE, BINARY


class UnknownName(Node, Reported):
    """A name that is not known where it is read, and all that is made of it: reported once, and nothing more said.

    It may have been meant as a function, a module, a state or a dimension, so it takes all that these do.
    """

    __slots__ = ()

    def __call__(self, *_: Any, **__: Any) -> UnknownName:
        return self

    def __getattr__(self, name: str) -> UnknownName:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        if name in Node.__slots__:
            object.__setattr__(self, name, value)

    def __add__(self, other: Operand) -> UnknownName:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __rpow__ = __matmul__ = __rmatmul__ = __add__

    def __pow__(self, other: Operand, modulus: object = None) -> UnknownName:
        return self


def _itself(self: UnknownName, *_: object) -> UnknownName:
    return self


def _echo(self: UnknownName, *_: object) -> Any:
    raise SpecError(found_before())  # the name was reported, and there is no more to say


for _name in (*BINARY, *(f"r{name}" for name in BINARY), "invert"):
    setattr(UnknownName, f"__{_name}__", _itself)
for _name in ALONE:
    if _name not in ("invert", "call"):
        setattr(UnknownName, f"__{_name}__", _echo)
