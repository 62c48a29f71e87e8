"""Arrays of other code cut into slots that have the shapes of parts, with the least left over."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..convert import Part
from ._parts_and_slots import Shape, SizedPart, Slot, as_matrix, upright

MANY = 4096  # ways to cut all arrays that are looked at
FEW = 1e-6  # of two ways to cut arrays the one with fewer slots
MISSING = 2.0  # how much more a part without a slot weighs than a slot without a part: two biases are usual


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to cut one array, with the number of slots that it gives of each shape or its transpose."""

    array: str
    down: tuple[slice, ...]
    across: tuple[slice, ...]
    shapes: Mapping[Shape, int]
    whole: bool = False

    @property
    def slots(self) -> Iterator[Slot]:
        """The slots."""
        for (row, a), (column, b) in itertools.product(enumerate(self.down), enumerate(self.across)):
            yield Slot(self.array, (row, column), a, b, (_length(a), _length(b)), self.whole)


def cuts(arrays: Mapping[str, Shape], found: Sequence[SizedPart]) -> tuple[tuple[Slot, ...], ...]:
    """All arrays cut into slots that have the shapes of parts, so that parts find slots and few are left over.

    Where an array holds the columns of several operands, x and h, there is a cut for each order in which they may lie.
    """
    orders = _orders(found)
    ways = [_cheapest(arrays, found, orders[at:] + orders[:at])[1] for at in range(len(orders) or 1)]
    slots = [tuple(slot for way in own for slot in way.slots) for own in ways]
    return tuple({tuple((slot.array, slot.index, slot.shape) for slot in own): own for own in slots}.values())


def price(arrays: Mapping[str, Shape], found: Sequence[SizedPart]) -> float:
    """How badly arrays and parts go together, in numbers: of parts without a slot, and of slots without a part."""
    return _cheapest(arrays, found, _orders(found))[0]


def _cheapest(
    arrays: Mapping[str, Shape], found: Sequence[SizedPart], orders: Sequence[tuple[int, ...]]
) -> tuple[float, tuple[_Way, ...]]:
    """The first of the cheapest ways; of several orders of operands it is the first."""
    also = (*found, *_biases(found))
    ways = [tuple(_ways(name, shape, also, orders)) or (_whole(name, shape),) for name, shape in arrays.items()]
    want = Counter(_key(upright(sized.shape)) for sized in found)
    best: tuple[float, tuple[_Way, ...]] = (float("inf"), ())
    for choice in itertools.islice(itertools.product(*ways), MANY):
        have: dict[Shape, int] = {}
        for way in choice:
            for shape, count in way.shapes.items():
                have[shape] = have.get(shape, 0) + count
        missing = sum(math.prod(shape) * max(0, count - have.get(shape, 0)) for shape, count in want.items())
        surplus = sum(math.prod(shape) * max(0, count - want.get(shape, 0)) for shape, count in have.items())
        cost = MISSING * missing + surplus + FEW * sum(have.values())
        if cost < best[0]:
            best = (cost, choice)
    return best


def _biases(found: Sequence[SizedPart]) -> tuple[SizedPart, ...]:
    """A vector for each matrix: code may have biases that the equations lack."""
    return tuple(SizedPart(Part(sized.part.parameter), sized.shape[:1]) for sized in found if len(sized.shape) == 2)


def _whole(name: str, shape: Shape) -> _Way:
    """An array that no part fits, as one slot: whatever depends on it is no equation of the cell's."""
    rows, wide = as_matrix(shape)
    return _Way(name, (slice(0, rows),), (slice(0, wide),), {_key((rows, wide)): 1}, whole=True)


def _ways(name: str, shape: Shape, found: Sequence[SizedPart], orders: Sequence[tuple[int, ...]]) -> Iterator[_Way]:
    """Every way to cut one array into slots that all have the shape of some part, or of its transpose."""
    wanted = {_key(upright(sized.shape)) for sized in found}  # membership only
    rows, wide = as_matrix(shape)
    lengths = sorted({size for sized in found for size in upright(sized.shape)})
    for down, across in itertools.product(_cut(rows, lengths, orders), _cut(wide, lengths, orders)):
        tall, broad = Counter(map(_length, down)), Counter(map(_length, across))
        shapes: dict[Shape, int] = {}
        for (height, many), (width, more) in itertools.product(tall.items(), broad.items()):
            key = _key((height, width))
            shapes[key] = shapes.get(key, 0) + many * more
        if shapes.keys() <= wanted:
            yield _Way(name, down, across, shapes, whole=len(down) == len(across) == 1)


def _key(shape: Shape) -> Shape:
    """The same of a shape and of its transpose."""
    return min(shape), max(shape)


def _length(cut: slice) -> int:
    length: int = cut.stop - cut.start
    return length


def _orders(found: Sequence[SizedPart]) -> tuple[tuple[int, ...], ...]:
    """The sizes of the operands of each matrix, in every order: n k and k n."""
    own: dict[str, list[int]] = {}
    for sized in found:
        if sized.part.operand is not None:
            own.setdefault(sized.part.parameter, []).append(sized.shape[1])
    return tuple(
        sorted({order for sizes in own.values() if len(sizes) <= 5 for order in itertools.permutations(sizes)})
    )


def _cut(length: int, lengths: Sequence[int], orders: Sequence[tuple[int, ...]]) -> Iterator[tuple[slice, ...]]:
    """Ways to cut an axis: into equal slots, or as the operands of a matrix lie."""
    ways = [(size,) * (length // size) for size in lengths if length % size == 0]
    ways += [order for order in orders if sum(order) == length and len(set(order)) > 1]
    for way in dict.fromkeys(ways):
        edges = [0, *itertools.accumulate(way)]
        yield tuple(slice(a, b) for a, b in itertools.pairwise(edges))
