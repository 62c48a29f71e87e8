"""The sizes of the dimension symbols, from the shapes of arrays that hold the parameters in some order."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..convert import parameters_of
from ..language import System
from ._cut_slots import MISSING, price
from ._parts_and_slots import Shape, as_matrix, at_sizes, symbolic

MANY = 50_000  # assignments of sizes that are looked at


def guessed(system: System, arrays: Mapping[str, Shape]) -> Iterator[tuple[float, dict[str, int]]]:
    """Sizes under which the arrays can be cut into the parts of the parameters, with the price: the rest.

    The cheapest first, and of equal ones the first that were thought of; 1 is thought of last.
    """
    parts = symbolic(system)
    shapes = Counter(shape for _, shape in parts)
    total = sum(math.prod(shape) for shape in arrays.values())
    ahead: list[tuple[float, int, bool, dict[str, int]]] = []
    for rank, sizes in enumerate(_choices(parameters_of(system).dims, arrays)):
        wanted = sum(count * math.prod(size.at(sizes) for size in shape) for shape, count in shapes.items())
        # It costs at least that, whatever the cuts; the true price is worked out when its turn comes.
        ahead.append((max(total - wanted, MISSING * (wanted - total)), rank, False, sizes))
    heapq.heapify(ahead)
    while ahead:
        least, rank, is_known, sizes = heapq.heappop(ahead)
        if is_known:
            yield least, sizes
        else:
            found = at_sizes(parts, sizes)
            heapq.heappush(ahead, (price(arrays, found), rank, True, sizes))


def _choices(dims: Sequence[str], arrays: Mapping[str, Shape]) -> Iterator[dict[str, int]]:
    """Sizes for the dimension symbols, the likeliest first: divisors of lengths, and the rests of lengths."""
    lengths = {length for shape in arrays.values() for length in (*shape, *as_matrix(shape))}
    # 1 last: there anything fits anything.
    divisors = {part for length in lengths for part in range(2, length + 1) if length % part == 0}
    rests = {length - part for length in lengths for part in divisors if length - part > 1}  # n of an axis n + k
    likely = [*sorted(divisors, reverse=True), *sorted(rests - divisors, reverse=True), 1]
    for choice in itertools.islice(itertools.product(likely, repeat=len(dims)), MANY):
        yield dict(zip(dims, choice, strict=True))
