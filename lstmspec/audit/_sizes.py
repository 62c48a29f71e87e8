"""The sizes of the dimension symbols, from the shapes of arrays that hold the parameters in some order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from ..check import check
from ..spec import System
from ._pieces import MISSING, Shape, at_sizes, cost, slots, symbolic

MANY = 100_000  # assignments of sizes that are looked at


def guessed(system: System, arrays: Mapping[str, Shape]) -> dict[str, int] | None:
    """The sizes under which the arrays can be cut into the parts of the parameters, with the least left over.

    None when there are no arrays; of several the first. No size is found to be 1.
    """
    dims, parts = check(system).require().dims, symbolic(system)
    lengths = {length for shape in arrays.values() for length in shape}
    # Not 1, where anything fits anything; who has such sizes says so.
    divisors = {part for length in lengths for part in range(2, length + 1) if length % part == 0}
    rests = {length - part for length in lengths for part in divisors if length - part > 1}  # n of an axis n + k
    likely = [*sorted(divisors, reverse=True), *sorted(rests - divisors, reverse=True)]
    total = sum(math.prod(shape) for shape in arrays.values())
    best: tuple[float, dict[str, int]] | None = None
    for choice in itertools.islice(itertools.product(likely, repeat=len(dims)), MANY):
        sizes = dict(zip(dims, choice, strict=True))
        found = at_sizes(parts, sizes)
        wanted = sum(math.prod(piece.shape) for piece in found)
        if best is not None and max(total - wanted, MISSING * (wanted - total)) >= best[0]:
            continue  # it costs at least that
        price = cost(slots(arrays, found), found)
        if best is None or price < best[0]:
            best = (price, sizes)
    return best[1] if best is not None else None
