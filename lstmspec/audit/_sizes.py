"""The sizes of the dimension symbols, from the shapes of arrays that hold the parameters in some order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from ..convert import pieces as parameters
from ..spec import System
from ._pieces import MISSING, Shape, as_matrix, at_sizes, cost, slots, symbolic

MANY = 50_000  # assignments of sizes that are looked at
FEW = 200  # of them, how many arrays are cut for


def guessed(system: System, arrays: Mapping[str, Shape]) -> Iterator[tuple[float, dict[str, int]]]:
    """Sizes under which the arrays can be cut into the parts of the parameters, with a price: what is left over.

    The best ones first, then others with the least that they can cost: code that lacks an array shows sizes less
    plainly. None when there are no arrays. No size is found to be 1.
    """
    parts = symbolic(system)
    total = sum(math.prod(shape) for shape in arrays.values())
    bounds: list[tuple[float, int, dict[str, int]]] = []
    for rank, sizes in enumerate(_choices(parameters(system).dims, arrays)):
        wanted = sum(math.prod(size.at(sizes) for size in shape) for _, shape in parts)
        # It costs at least that, whatever the cuts.
        bounds.append((max(total - wanted, MISSING * (wanted - total)), rank, sizes))
    ahead = sorted(bounds, key=lambda entry: entry[:2])[:FEW]
    priced: list[tuple[float, int, dict[str, int]]] = []
    while ahead and not (priced and ahead[0][0] >= min(price for price, _, _ in priced)):
        _, rank, sizes = ahead.pop(0)
        found = at_sizes(parts, sizes)
        priced.append((cost(slots(arrays, found), found), rank, sizes))
    yield from ((price, sizes) for price, _, sizes in sorted([*priced, *ahead], key=lambda entry: entry[:2]))


def _choices(dims: Sequence[str], arrays: Mapping[str, Shape]) -> Iterator[dict[str, int]]:
    """Sizes for the dimension symbols, the likeliest first: divisors of lengths, and what is left of them."""
    lengths = {length for shape in arrays.values() for length in (*shape, *as_matrix(shape))}
    # Not 1, where anything fits anything; who has such sizes says so.
    divisors = {part for length in lengths for part in range(2, length + 1) if length % part == 0}
    rests = {length - part for length in lengths for part in divisors if length - part > 1}  # n of an axis n + k
    likely = [*sorted(divisors, reverse=True), *sorted(rests - divisors, reverse=True)]
    for choice in itertools.islice(itertools.product(likely, repeat=len(dims)), MANY):
        yield dict(zip(dims, choice, strict=True))
