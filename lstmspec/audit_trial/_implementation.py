"""An implementation of equations that owes nothing to the audit: the generated PyTorch module, made in memory."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import numpy as np
import torch

from ..checker import check
from ..emit import imported
from ..emit.torch import BACKEND
from ..language import System
from ..mutation import primes_above
from ..oracle import Array, Step
from ..procedure import folder

Arrays = Mapping[str, Array]


def sizes_of(system: System) -> dict[str, int]:
    """The sizes at which a cell is implemented: distinct primes, in the order of its dimension symbols."""
    return dict(zip(check(system).require().dims, primes_above(2), strict=False))


def module(system: System) -> torch.nn.Module:
    """An nn.Module that computes the equations, from the text that `lstmspec generate` would write.

    Raises:
        SpecError: the cell is ill-shaped, or has no inputs.

    """
    with imported([system], [BACKEND]) as package:
        made = importlib.import_module(f"{package}.{folder(system.name)}.torch")
    theirs: type[torch.nn.Module] = getattr(made, system.name)
    theirs.__name__ = "Theirs"  # as messages call it, beside the cell
    return theirs(**sizes_of(system))


def computed(system: System, at: Arrays, inputs: Arrays, states: Arrays, sizes: Mapping[str, int]) -> list[Array]:
    """The outputs of a system over the steps of one sample, and its last states, by the interpreter of equations."""
    step, now, emitted = Step(system, sizes), dict(states), []
    for time in range(len(next(iter(inputs.values())))):
        values = step({**at, **{name: value[time] for name, value in inputs.items()}, **now})
        emitted.append(values[system.output])
        now = {name: values[name.next] for name in system.states}
    return [np.array(emitted), *now.values()]
