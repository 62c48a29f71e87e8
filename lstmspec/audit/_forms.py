"""Forms in which recurrent code is called: a whole sequence or one step, states in a tuple or one by one, and so on.

Each form is one row: what it makes of inputs and states, and what of the equations' results its own results are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._callee import leaves
from ._pieces import Array

ORDERS = 120  # orders of states that are tried


@dataclass(frozen=True)
class Data:
    """Inputs (time, batch, …) and first states (batch, …), by name."""

    inputs: Mapping[str, Array]
    states: Mapping[str, Array]


@dataclass(frozen=True)
class Form:
    """How code is called.

    Attributes:
        words: The call in words, with `{x}` and `{s}` for inputs and states.
        sequence: Whether a call takes all steps; otherwise it takes the first.
        of_input: What becomes of an input (time, batch, …).
        of_state: What becomes of a state (batch, …); None where the code is called without states.
        arguments: The arguments, from inputs and states.
        inverse: A result as (time, batch, …) or (batch, …).

    """

    words: str
    sequence: bool
    of_input: Callable[[Array], Array]
    of_state: Callable[[Array], Array] | None
    arguments: Callable[[Sequence[Any], Sequence[Any]], tuple[Any, ...]]
    inverse: Callable[[Array], Array]


@dataclass(frozen=True)
class Call:
    """A form with the order in which the code takes the states."""

    form: Form
    inputs: tuple[str, ...]
    states: tuple[str, ...]

    def arguments(self, data: Data) -> tuple[Any, ...]:
        """What the code gets."""
        xs = [self.form.of_input(data.inputs[name]) for name in self.inputs]
        of_state = self.form.of_state
        states = [] if of_state is None else [of_state(data.states[name]) for name in self.states]
        return self.form.arguments(xs, states)

    def start(self, data: Data) -> Data:
        """The data as the equations get them: without states they start from zeros."""
        if self.form.of_state is not None:
            return data
        return Data(data.inputs, {name: np.zeros_like(value) for name, value in data.states.items()})

    def expected(self, results: Mapping[str, Array]) -> dict[str, Array]:
        """What the code may return, by name, from the equations' results (time, batch, …)."""
        if not self.form.sequence:
            return {name: value[0] for name, value in results.items()}
        last = {name: value[-1] for name, value in results.items() if name != "output"}
        return {"output": results["output"]} | last

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays in the arguments, from left to right."""
        return tuple(leaves(self.form.arguments(self.inputs, self.states)))

    def of_state(self, value: Array) -> Array:
        """A state as the code takes it."""
        return np.asarray(value if self.form.of_state is None else self.form.of_state(value))

    def __str__(self) -> str:
        inputs, states = ", ".join(self.inputs), ", ".join(self.states)
        said = self.form.words.format(x=inputs, s=states)
        return said.replace(f"({states})", states) if len(self.states) == 1 else said


def calls(inputs: Sequence[str], states: Sequence[str]) -> Iterator[Call]:
    """Every form with every order of inputs and states, the usual ones first."""
    orders = list(itertools.islice(itertools.permutations(states), ORDERS))
    for form in FORMS:
        if form.words in (ONLY_SEVERAL if len(states) == 1 else ONLY_ONE):
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


def _same(value: Array) -> Array:
    return value


def _first(value: Array) -> Array:
    return np.asarray(value[0])


def _layered(value: Array) -> Array:
    return np.asarray(value[None])


def _flat(value: Array) -> Array:
    """Without the axis of layers and directions."""
    return np.asarray(value[0]) if value.ndim > 2 and value.shape[0] == 1 else value


def _turned(value: Array) -> Array:
    return np.asarray(np.swapaxes(value, 0, 1))


def _turned_flat(value: Array) -> Array:
    return _turned(value) if value.ndim > 2 and value.shape[0] != 1 else _flat(value)


LAYERED = "states (1, batch, size)"
FORMS = (
    Form(f"a sequence: ({{x}}, ({{s}})), {LAYERED}", True, _same, _layered, _together, _flat),
    Form("a sequence: ({x}, ({s}))", True, _same, _same, _together, _same),
    Form("a step: ({x}, ({s}))", False, _first, _same, _together, _same),
    Form("a step: ({x}, ({s}, {s}))", False, _first, _same, _doubled, _same),
    Form("a step: ({x}, {s})", False, _first, _same, _apart, _same),
    Form("a step: (({s}), {x})", False, _first, _same, _before, _same),
    Form("a step: ({s}, {x})", False, _first, _same, _apart_before, _same),
    Form("a sequence: ({x}, {s})", True, _same, _same, _apart, _same),
    Form(
        "a sequence, batch first: ({x}, ({s})), states (1, batch, size)",
        True,
        _turned,
        _layered,
        _together,
        _turned_flat,
    ),
    Form("a sequence: ({x})", True, _same, None, _without, _flat),
    Form("batch first: ({x})", True, _turned, None, _without, _turned_flat),
)
ONLY_SEVERAL = (
    "a step: ({x}, {s})",
    "a step: ({s}, {x})",
    "a sequence: ({x}, {s})",
)  # the same as another for one state
# One state that code keeps twice, as output and as cell.
ONLY_ONE = ("a step: ({x}, ({s}, {s}))",)
