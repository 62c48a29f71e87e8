"""Which equation is to blame for a fault that shows in another.

A suspect is put last: the others then show the shape that they need. Two kinds of evidence name suspects. Where two
equations force one size to two values, the one without which all the rest agrees is at fault. Where all operands but
one have the shape that is expected of the equation, the equation of the odd one out is.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from ..language import System, ancestors
from ..nodes import Name, Node
from ..ops import is_elementwise
from ._infer import Fault, Inference

FAULTS = 8  # of a cell that are looked into so; more have a common cause, and each costs passes
RANKS = 6  # parameters without a rank, up to which all ways to make matrices of some are tried
SUSPECTS = 3  # equations that are tried at each end of a chain of reasons; each costs a pass


def blamed(system: System) -> Inference:
    """The inference that puts faults where they belong."""
    first = Inference(system)
    if not first.faults:
        return first
    best = _best(_ranked(first))
    return first if best is first else Inference(best.system, best.last)


def _best(best: Inference) -> Inference:
    tried: set[Name] = set()  # membership only
    while suspects := [name for name in _forcing(best) if name not in tried]:
        tried |= {*suspects}
        others = (Inference(best.system, (*best.last, name), tells=False) for name in suspects)
        best = min([best, *others], key=_badness)
    for fault in best.faults[:FAULTS]:
        for name in _odd_ones(best, fault):
            other = Inference(best.system, (*best.last, name), tells=False)
            places = [found.equation for found in other.faults]
            if len(places) <= len(best.faults) and name in places and fault.equation not in places:
                return other
    return best


def _ranked(found: Inference) -> Inference:
    """A parameter of which not even the rank is declared is a vector where that fits, else a matrix."""
    system = found.system
    unranked = [symbol.name for symbol in system.symbols.values() if symbol.shape is None]
    made_of = ancestors(system, [fault.equation for fault in found.faults]) if unranked else set()
    near = [name for name in unranked if name in made_of]
    counts = range(1, len(near) + 1)
    if len(near) <= RANKS:
        choices = [names for count in counts for names in itertools.combinations(near, count)]
    else:
        choices = [*((name,) for name in near[:FAULTS]), tuple(near)]
    best = found
    for names in choices:
        opened = {name: dataclasses.replace(system.symbols[name], shape=(None, None)) for name in names}
        other = Inference(dataclasses.replace(system, symbols={**system.symbols, **opened}), tells=False)
        best = other if len(other.faults) < len(best.faults) else best
        if not best.faults:
            break
    return best


def _forcing(found: Inference) -> tuple[Name, ...]:
    """The equations that force sizes in the first fault: the nearest ones, and those that stand by the declarations."""
    suspects = next((fault.suspects for fault in found.faults if fault.suspects), ())
    return tuple(dict.fromkeys((*suspects[:SUSPECTS], *suspects[-SUSPECTS:])))


def _badness(found: Inference) -> tuple[int, int]:
    """Faults, then those of them that need two equations to be told: a fault within one is more telling."""
    return len(found.faults), sum(fault.is_forced for fault in found.faults)


def _odd_ones(found: Inference, fault: Fault) -> Iterator[Name]:
    """The equations that an operand is made of elementwise, where it alone has not the shape that is expected."""
    expected = found.solver.shape(found.expected(fault.equation))
    if not is_elementwise(fault.node) or not isinstance(expected, tuple) or expected not in fault.operands:
        return
    stack = [arg for arg, shape in zip(fault.node.args, fault.operands, strict=False) if shape not in (expected, ())]
    seen: set[Node] = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        name = node.name if node.op == "ref" else Name("")
        if name in found.system.equations and not name.is_next:  # a state's new value has the state's shape
            yield name
        stack += node.args if is_elementwise(node) else ()
