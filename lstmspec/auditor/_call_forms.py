"""Forms in which recurrent code is called: a whole sequence or one step, states in a tuple or one by one, and so on.

Each form is one row.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ._calls import Call, Form
from ._parts_and_slots import Array

ORDERS = 120  # orders of states that are tried


def calls(forms: Sequence[Form], inputs: Sequence[str], states: Sequence[str]) -> Iterator[Call]:
    """Every form with every order of inputs and states, the usual ones first."""
    orders = list(itertools.islice(itertools.permutations(states), ORDERS))
    for form in forms:
        if form.arguments in (ONLY_SEVERAL if len(states) == 1 else ONLY_ONE):
            continue
        for xs in itertools.islice(itertools.permutations(inputs), ORDERS):
            for order in orders if form.of_state is not None else orders[:1]:
                yield Call(form, xs, order)


def _together(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (*xs, states[0] if len(states) == 1 else tuple(states))


def _apart(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (*xs, *states)


def _before(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (states[0] if len(states) == 1 else tuple(states), *xs)


def _apart_before(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (*states, *xs)


def _without(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(xs)


def _doubled(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (*xs, (*states, *states))


def _in_tuple(xs: Sequence[Any], states: Sequence[Any]) -> tuple[Any, ...]:
    return (*xs, tuple(states))


def _same(value: Array) -> Array:
    return value


def _first(value: Array) -> Array:
    return np.asarray(value[0])


def _layered(value: Array) -> Array:
    return np.asarray(value[None])


def _turned(value: Array) -> Array:
    return np.asarray(np.swapaxes(value, 0, 1))


def _alone(value: Array) -> Array:
    """The first sample of the first step."""
    return np.asarray(value[0, 0])


def _first_sample(value: Array) -> Array:
    return np.asarray(value[:, 0])


def _upright_first(value: Array) -> Array:
    """(size, batch), as W @ x wants it."""
    return np.asarray(np.moveaxis(value[0], 0, -1))


def _upright(value: Array) -> Array:
    return np.asarray(np.moveaxis(value, 0, -1))


LAYERED = "states (1, batch, size)"
BATCHED = (
    Form(f"a sequence: ({{x}}, ({{s}})), {LAYERED}", True, _same, _layered, _together),
    Form(f"a sequence: ({{x}}, ({{s}}, {{s}})), {LAYERED}", True, _same, _layered, _doubled),
    Form("a sequence: ({x}, ({s}))", True, _same, _same, _together),
    Form("a step: ({x}, ({s}))", False, _first, _same, _together),
    Form("a step: ({x}, ({s}, {s}))", False, _first, _same, _doubled),
    Form("a step: ({x}, ({s},))", False, _first, _same, _in_tuple),
    Form("a step: ({x}, {s})", False, _first, _same, _apart),
    Form("a step: (({s}), {x})", False, _first, _same, _before),
    Form("a step: ({s}, {x})", False, _first, _same, _apart_before),
    Form("a sequence: ({x}, {s})", True, _same, _same, _apart),
    Form(f"a sequence, batch first: ({{x}}, ({{s}})), {LAYERED}", True, _turned, _layered, _together, turned=True),
    Form("a sequence, batch first: ({x}, ({s}))", True, _turned, _same, _together, turned=True),
    Form("a sequence: (({s}), {x})", True, _same, _same, _before),
    Form("a sequence: ({x})", True, _same, None, _without),
    Form("a sequence, batch first: ({x})", True, _turned, None, _without, turned=True),
)
# Code for one sample, whose W @ x is a product of a matrix with a vector: tried where none of the others is taken.
SINGLE = (
    Form("a step of one sample: ({x}, ({s}))", False, _alone, _first, _together, alone=True),
    Form("a step of one sample: ({x}, {s})", False, _alone, _first, _apart, alone=True),
    Form("a step of one sample: (({s}), {x})", False, _alone, _first, _before, alone=True),
    Form("a step of one sample: ({s}, {x})", False, _alone, _first, _apart_before, alone=True),
    Form(
        "a step of columns: ({x}, ({s})), each (size, batch)", False, _upright_first, _upright, _together, turned=True
    ),
    Form("a step of columns: ({x}, {s}), each (size, batch)", False, _upright_first, _upright, _apart, turned=True),
    Form(
        "a step of columns: ({s}, {x}), each (size, batch)", False, _upright_first, _upright, _apart_before, turned=True
    ),
    Form("a sequence of one sample: ({x}, ({s}))", True, _first_sample, _first, _together, alone=True),
    Form("a sequence of one sample: ({x}, {s})", True, _first_sample, _first, _apart, alone=True),
    Form("a sequence of one sample: (({s}), {x})", True, _first_sample, _first, _before, alone=True),
    Form("a sequence of one sample: ({x})", True, _first_sample, None, _without, alone=True),
)
ONLY_ONE = (_doubled, _in_tuple)  # a state that code keeps twice, as output and as cell; a list of one state
ONLY_SEVERAL = (_apart, _apart_before)  # of one state the same as together
