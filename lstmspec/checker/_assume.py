"""The consequences of an assumption about a size: the learner's question, answered.

"h is the prediction, so it is one number": then k = 1, so everything of size k is one number; n stays free; and a
readout from k to 1 makes the assumption unnecessary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..diagnostics import Code, Diagnostic, SpecError, fitting, one_line, refused, written
from ..language import HasSystem, System, system_of
from ..nodes import Name
from ..sizes import Shape, Size, whole
from ._check import Shapes, check
from ._reasons import shown

LARGEST = 10**100  # that can be assumed: it is only shown


@dataclass(frozen=True)
class Assumption:
    """The consequences of `name` having a given size.

    Attributes:
        name: The name whose size was assumed.
        size: The size that it was assumed to have.
        forced: Dimension symbol → the number that it must be.
        changed: Every name whose shape changes → its shape before and after.
        free: The dimension symbols that the assumption leaves free.

    """

    name: Name
    size: int
    forced: Mapping[str, int]
    changed: Mapping[str, tuple[Shape, Shape]]
    free: tuple[str, ...]

    def __str__(self) -> str:
        forced = ", ".join(f"{dim} = {value}" for dim, value in self.forced.items()) or "nothing"
        lines = [f"assume {self.name} has size {self.size}: this forces {forced}"]
        lines += [f"  {name} : {shown(old)} → {shown(new)}" for name, (old, new) in self.changed.items()]
        lines.append(f"  free: {', '.join(self.free) or 'nothing'}")
        return "\n".join(lines)


@fitting
def assume(cell: System | HasSystem, name: str, size: int) -> Assumption:
    """The consequences if the vector, or the dimension, `name` of a cell has this size.

    Raises:
        SpecError: LS207 when there is no such name; LS106 when it is no vector; LS109 when no positive sizes allow it;
            LS205 when `size` is no positive integer.

    """
    number = whole(size)
    if number is None or not 1 <= number <= LARGEST:
        raise refused(Code.LS205, f"{written(size)} is not a size; expected a positive integer")
    size = number
    name, system = Name(name), system_of(cell)
    shapes = check(system).require()
    if name in shapes.dims:
        return _assumed(shapes, name, size, {name: size})
    if name not in shapes.of:
        known = f"it has {', '.join(shapes.of)}"
        raise SpecError(
            [Diagnostic(Code.LS207, f"`{one_line(name)}` is not part of this cell", None, system.name, notes=(known,))]
        )
    if len(shapes.of[name]) != 1:
        message = f"`{name}` is {shown(shapes.of[name])}; an assumption is about a vector's size"
        raise SpecError([Diagnostic(Code.LS106, message, None, system.name)])
    (own,) = shapes.of[name]
    forced = _solved(own, size)
    if forced is None:
        message = f"`{name}` has size {own}, which cannot be {size} for any one choice of its symbols"
        raise SpecError([Diagnostic(Code.LS109, message, None, system.name)])
    return _assumed(shapes, name, size, forced)


def _assumed(shapes: Shapes, name: Name, size: int, forced: Mapping[str, int]) -> Assumption:
    changed: dict[str, tuple[Shape, Shape]] = {}
    for other, shape in shapes.of.items():
        new = tuple(s.substitute(lambda a: Size.of(forced[a]) if a in forced else None) for s in shape)
        if new != shape:
            changed[other] = (shape, tuple(s.ordered(shapes.dims) for s in new))
    return Assumption(name, size, forced, changed, tuple(dim for dim in shapes.dims if dim not in forced))


def _solved(own: Size, size: int) -> dict[str, int] | None:
    """The values of the symbols in `own` for which it is `size`; None when there are none, or several choices."""
    if own.constant is not None:
        return {} if own.constant == size else None
    smallest = dict.fromkeys(own.atoms, 1)
    if all(factor > 0 for factor in own.terms.values()) and own.at(smallest) == size:
        return smallest  # it grows with each symbol, so there is no other: C*K is 1 for C = K = 1 alone
    if len(own.atoms) != 1:
        return None
    (symbol,) = own.atoms
    low, high = 1, size
    while low < high:  # a size grows with its symbol: bisection
        middle = (low + high) // 2
        low, high = (middle + 1, high) if own.at({symbol: middle}) < size else (low, middle)
    return {symbol: low} if own.at({symbol: low}) == size else None
