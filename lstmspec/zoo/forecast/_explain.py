"""The answer: what the equations force, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from lstmspec import Assumption, assume, check
from lstmspec.checker import shown

from ..lstm import LSTM
from ._readout import with_readout


def explain(console: Console, n: int, k: int) -> None:
    """Print the shape table and why k is not forced to 1."""
    collapsed = assume(LSTM, "h", 1)
    freed = assume(with_readout(), "y", 1)
    forced = ", ".join(f"{dim} = {size}" for dim, size in collapsed.forced.items())
    console.print("If x_t is one number and h_t is the prediction, is every gate of an LSTM one number too?")
    console.print("No: x has size n, h has size k, and n and k are independent. The checker derives this table:\n")
    console.print(shape_table({"n": n, "k": k}, collapsed))
    console.print(
        "\nEach gate is one dense layer from n+k to k. The equations give f, i, g, o and c the size k of h,\n"
        f"whatever k is; n = {n} says nothing about k.\n\n"
        f"Assume that h is the prediction, one number: this forces {forced} (column `if h is the prediction`),\n"
        f"and {', '.join(collapsed.free)} stays free. No equation forces k = 1; only that assumption does.\n\n"
        "With a readout, a dense layer from k to 1 after h, the prediction is y = W_y @ h.next + b_y.\n"
        f"Assume that y is one number: this forces {', '.join(freed.forced) or 'nothing'}, "
        f"and {' and '.join(freed.free)} stay free. Here n = {n} and k = {k}.\n"
    )


def shape_table(sizes: Mapping[str, int], collapsed: Assumption) -> Table:
    """One row a name: its shape, the numbers here, its shape if h were the prediction, and why."""
    here = [f"{dim} = {size}" for dim, size in sizes.items()]
    headings = "name", "role", "shape", ",\n".join(here), "if h is the\nprediction", "why"
    table = Table(*headings, title="An LSTM with a readout", box=SIMPLE_HEAD)
    parameters = 0
    for fact in check(with_readout()).require().facts:
        role = fact.role.value if fact.role is not None else "equation"
        numbers = tuple(size.at(sizes) for size in fact.shape)
        parameters += int(np.prod(numbers)) if role in ("weight", "bias") else 0
        _, after = collapsed.changed.get(fact.name, (None, fact.shape))
        assumed = shown(after) if fact.name in LSTM.shapes.of else "no readout"
        table.add_row(fact.name, role, shown(fact.shape), f"({', '.join(map(str, numbers))})", assumed, fact.why)
    table.caption = f"{parameters} parameters at {', '.join(here)}"
    return table
