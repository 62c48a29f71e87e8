"""The calls that somebody else's code takes at all: tried before anything else is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..checker import check
from ..language import System
from ._call_forms import BATCHED, SINGLE, calls
from ._callee import Callee, said
from ._calls import Call, Data
from ._parts_and_slots import Array
from ._tolerances import fitted, width


@dataclass(frozen=True)
class Probe:
    """The calls that are taken, and what became of the others, by their words."""

    calls: tuple[Call, ...]
    refusals: Mapping[str, str]


def probed(code: Callee, system: System, sizes: Mapping[str, int], data: Data) -> Probe:
    """Every form with every order of inputs and states that code takes; of single samples only where none is."""
    shapes = check(system).require().of
    lead = next(iter(data.inputs.values())).shape[:2]
    names = {"output": system.output, **{str(name.next): name.next for name in system.states}}
    results = {name: np.zeros((*lead, *(size.at(sizes) for size in shapes[own]))) for name, own in names.items()}
    taken: list[Call] = []
    refusals: dict[str, str] = {}
    refused = set[tuple[object, ...]]()  # membership only
    for forms in (BATCHED, SINGLE):
        for call in calls(forms, system.inputs, system.states):
            # Code that refuses arrays for their shapes refuses them under other names too.
            held = [data.inputs[name].shape for name in call.inputs] + [data.states[name].shape for name in call.states]
            key = (call.form, *held)
            if key in refused:
                continue
            cut = {name: value[:, : 1 if call.form.alone else None] for name, value in results.items()}
            if reason := _refusal(code, call, data, call.expected(cut, system.output)["output"]):
                refused.add(key)
                refusals[str(call)] = reason
            else:
                taken.append(call)
        if taken:
            break
    return Probe(tuple(taken), refusals)


def _refusal(code: Callee, call: Call, data: Data, expected: Array) -> str:
    """Why code does not take a call, in its own words; empty when it does."""
    try:
        results = code({name: np.full(shape, 0.5) for name, shape in code.shapes.items()}, call.arguments(data))
        width(results)
    except Exception as error:  # whatever somebody else's code raises, it cannot be called so
        return said(error)
    if not results:
        return "it returns no floating numbers"
    # States may be left out, the output may not: nothing would then be known of equations behind it.
    if any(fitted(result, expected.shape, turned=call.form.turned) is not None for result in results):
        return ""
    has = ", ".join(map(str, dict.fromkeys(result.shape for result in results)))
    return f"it returns arrays of shape {has}, and none like the output, {expected.shape}"
