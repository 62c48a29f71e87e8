"""Which equation is to blame when two of them force one size to two values.

Each suspect is put last in turn: the others then say what they expect of it. The one without which all the rest
agrees, so that fewest faults are left and they stand in it, is at fault.
"""

from __future__ import annotations

from ..diagnostics import Code
from ..spec import System
from ._infer import Inference

SUSPECTS = 3  # equations that are tried at each end of a chain of reasons; each costs a pass


def blamed(system: System) -> Inference:
    """The inference that puts faults where they belong."""
    best = Inference(system)
    tried: set[str] = set()  # membership only
    while suspects := [name for name in _suspects(best) if name not in tried]:
        tried |= {*suspects}
        best = min([best, *(Inference(system, (*best.last, name)) for name in suspects)], key=_badness)
    return best


def _suspects(found: Inference) -> tuple[str, ...]:
    """Those of the first fault that has any: the nearest ones, and those that stand by the declarations."""
    suspects = next((fault.suspects for fault in found.faults if fault.suspects), ())
    return tuple(dict.fromkeys((*suspects[:SUSPECTS], *suspects[-SUSPECTS:])))


def _badness(found: Inference) -> tuple[int, int]:
    """Faults, then those of them that need two equations to be told: a fault within one is more telling."""
    return len(found.faults), sum(fault.diagnostic.code is Code.LS111 for fault in found.faults)
