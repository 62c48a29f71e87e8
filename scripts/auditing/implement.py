"""An implementation of equations that owes nothing to the audit: the generated PyTorch module, made in memory."""

from __future__ import annotations

import dataclasses
import importlib.util
import types
from collections.abc import Mapping

import numpy as np
import torch

from lstmspec.checker import check
from lstmspec.emit import BACKENDS
from lstmspec.emit._context import Context
from lstmspec.emit._render import render
from lstmspec.language import System
from lstmspec.oracle import Step

SIZES = (3, 5, 7, 11, 13)  # of the dimension symbols, in declared order: distinct primes
Arrays = Mapping[str, np.ndarray]


def sizes_of(system: System) -> dict[str, int]:
    """The sizes at which a cell is implemented."""
    return dict(zip(check(system).require().dims, SIZES, strict=False))


def module(system: System) -> torch.nn.Module:
    """An nn.Module that computes the equations, from the text that `lstmspec generate` would write."""
    (backend,) = (backend for backend in BACKENDS if backend.name == "torch")
    model = Context(dataclasses.replace(system, name="Theirs"))
    source = render(model, backend.template, backend.spelling, backend.array)
    spec = importlib.util.spec_from_loader("generated.theirs.torch", loader=None)
    made: types.ModuleType = importlib.util.module_from_spec(spec)
    exec(compile(source, made.__name__, "exec", dont_inherit=True), vars(made))
    theirs: torch.nn.Module = made.Theirs(**sizes_of(system))
    return theirs


def computed(system: System, at: Arrays, inputs: Arrays, states: Arrays, sizes: Mapping[str, int]) -> list[np.ndarray]:
    """What a system emits over the steps of one sample, and its last states, by the interpreter of equations."""
    step, now, emitted = Step(system, sizes), dict(states), []
    for time in range(len(next(iter(inputs.values())))):
        values = step({**at, **{name: value[time] for name, value in inputs.items()}, **now})
        emitted.append(values[system.output])
        now = {name: values[f"{name}.next"] for name in system.states}
    return [np.array(emitted), *now.values()]
