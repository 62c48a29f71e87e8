"""Which equation is to blame for a fault that shows in another.

A suspect is put last: the others then say what they expect of it. Two kinds of evidence name suspects. Where two
equations force one size to two values, the one without which all the rest agrees is at fault. Where all operands but
one have the shape that is expected of the equation, the equation of the odd one out is.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Code
from ..ops import is_elementwise
from ..spec import System
from ._infer import Fault, Inference

SUSPECTS = 3  # equations that are tried at each end of a chain of reasons; each costs a pass


def blamed(system: System) -> Inference:
    """The inference that puts faults where they belong."""
    best = Inference(system)
    tried: set[str] = set()  # membership only
    while suspects := [name for name in _forcing(best) if name not in tried]:
        tried |= {*suspects}
        best = min([best, *(Inference(system, (*best.last, name)) for name in suspects)], key=_badness)
    for fault in best.faults:
        for name in _odd_ones(best, fault):
            other = Inference(system, (*best.last, name))
            places = [found.equation for found in other.faults]
            if len(places) <= len(best.faults) and name in places and fault.equation not in places:
                return other
    return best


def _forcing(found: Inference) -> tuple[str, ...]:
    """The equations that force sizes in the first fault: the nearest ones, and those that stand by the declarations."""
    suspects = next((fault.suspects for fault in found.faults if fault.suspects), ())
    return tuple(dict.fromkeys((*suspects[:SUSPECTS], *suspects[-SUSPECTS:])))


def _badness(found: Inference) -> tuple[int, int]:
    """Faults, then those of them that need two equations to be told: a fault within one is more telling."""
    return len(found.faults), sum(fault.diagnostic.code is Code.LS111 for fault in found.faults)


def _odd_ones(found: Inference, fault: Fault) -> Iterator[str]:
    """The equations that an operand is made of elementwise, where it alone has not the shape that is expected."""
    expected = found.solver.shape(found.expected(fault.equation))
    if not is_elementwise(fault.node) or not isinstance(expected, tuple) or expected not in fault.operands:
        return
    stack = [arg for arg, shape in zip(fault.node.args, fault.operands, strict=False) if shape not in (expected, ())]
    while stack:
        node = stack.pop()
        name = str(node.attrs[0]) if node.op == "ref" else ""
        if name in found.system.equations and not name.endswith(".next"):  # a state's new value has the state's shape
            yield name
        stack += node.args if is_elementwise(node) else ()
