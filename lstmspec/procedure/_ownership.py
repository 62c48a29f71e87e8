"""Memory of results: what a procedure returns is its own, and no two results share memory.

A user may change what was returned; neither the arguments nor another result may change by that.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ._expr import Apply, Buffer, Copy, Expand, Expr, Local, Read, Spread
from ._procedure import Assign, Procedure, arrays_of

VIEWS = ("slice", "transpose", "diagonal", "spread")  # which arrays libraries answer with a view
SHARED = "one element for many"  # no array of its own whatever it is of


def owned(procedure: Procedure) -> Procedure:
    """The procedure with copies in its results where memory would be shared.

    What has the most axes in front keeps memory that it shares, and of those the last: a tape is larger than what it
    has in common with outputs, and outputs than the state that is their last entry.
    """
    roots = _Roots(procedure)
    taken: set[Hashable] = set()  # membership only
    places = [(at, place) for at, result in enumerate(procedure.results) for place in range(len(result.values))]
    values = {(at, place): procedure.results[at].values[place] for at, place in places}
    for key in sorted(places, key=lambda key: (values[key].lead, *key), reverse=True):
        values[key] = _own(values[key], roots.of(values[key]), taken, procedure)
    results = (
        replace(result, values=tuple(values[at, place] for place in range(len(result.values))))
        for at, result in enumerate(procedure.results)
    )
    return replace(procedure, results=tuple(results))


def _own(value: Expr, root: Hashable, taken: set[Hashable], procedure: Procedure) -> Expr:
    given = {buffer for argument in procedure.arguments for buffer in arrays_of(argument)}
    if root is None:
        return value
    if root == SHARED or root in given or root in taken:
        return Copy(value.shape, value.lead, value)
    taken.add(root)
    return value


class _Roots:
    """The memory in which a value lies: an argument, a buffer or a variable; None for what is computed on the spot."""

    def __init__(self, procedure: Procedure) -> None:
        self.lines: dict[str, Assign] = {_name(line.target): line for line in procedure.assignments}
        self.carried = {carry.target.name: carry.after for carry in procedure.loop.carries}
        self.open: set[str] = set()  # names that are being looked at: a state may be carried on as it is

    def of(self, value: Expr) -> Hashable:
        """The root of a value."""
        if isinstance(value, Expand):
            return SHARED
        if isinstance(value, Spread):
            return self.of(value.arg)
        if isinstance(value, Apply) and value.op in VIEWS:
            return self.of(value.args[0])
        if isinstance(value, Read):
            return self._named(value.buffer.name, value.buffer) if not value.buffer.record else value.buffer
        if isinstance(value, Local):
            return self._named(value.name, value.name)
        return None

    def _named(self, name: str, own: Hashable) -> Hashable:
        value = self.lines[name].value if name in self.lines else self.carried.get(name)
        if value is None or name in self.open:
            return own
        self.open.add(name)
        root = self.of(value)
        self.open.remove(name)
        return own if root is None else root


def _name(target: Local | Buffer) -> str:
    return target.name
