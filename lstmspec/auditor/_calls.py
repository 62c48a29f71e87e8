"""A call of recurrent code: its arguments, from inputs and states, and the results that it may return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._parts_and_slots import Array
from ._trees import leaves


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
        of_input: An input (time, batch, …) as the code takes it.
        of_state: A state (batch, …) as the code takes it; None where the code is called without states.
        arguments: The arguments, from inputs and states.
        turned: Whether results have the first two axes swapped.
        alone: Whether a call takes a single sample; it then takes the first.

    """

    words: str
    sequence: bool
    of_input: Callable[[Array], Array]
    of_state: Callable[[Array], Array] | None
    arguments: Callable[[Sequence[Any], Sequence[Any]], tuple[Any, ...]]
    turned: bool = False
    alone: bool = False

    @property
    def kind(self) -> tuple[bool, ...]:
        """All of the form on which the equations' results for a call depend."""
        return self.sequence, self.of_state is None, self.alone


@dataclass(frozen=True)
class Call:
    """A form with the order in which the code takes the states."""

    form: Form
    inputs: tuple[str, ...]
    states: tuple[str, ...]

    def arguments(self, data: Data) -> tuple[Any, ...]:
        """The arguments that the code gets."""
        xs = [self.form.of_input(data.inputs[name]) for name in self.inputs]
        of_state = self.form.of_state
        states = [] if of_state is None else [of_state(data.states[name]) for name in self.states]
        return self.form.arguments(xs, states)

    def start(self, data: Data) -> Data:
        """The data as the equations need them: no more steps and samples than count, without states zeros."""
        steps = None if self.form.sequence else 1
        samples = 1 if self.form.alone else None
        inputs = {name: value[:steps, :samples] for name, value in data.inputs.items()}
        states = {name: value[:samples] for name, value in data.states.items()}
        if self.form.of_state is None:
            states = {name: np.zeros_like(value) for name, value in states.items()}
        return Data(inputs, states)

    def expected(self, results: Mapping[str, Array], output: str) -> dict[str, Array]:
        """The results that the code may return, by name, from those of the equations (time, batch, …).

        A step that emits a new state has one value under two names, of which one is enough.
        """
        if self.form.sequence:
            last = {name: value[-1] for name, value in results.items() if name != "output"}
            return {"output": results["output"]} | last
        return {name: value[0] for name, value in results.items() if name != output}

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
