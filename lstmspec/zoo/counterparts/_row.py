"""A row of the table: what computes a cell beside its spec, and how the paper's parameters lie in the spec's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from torch import Tensor

from ._parameters import At, Source
from ._steps import Step, run

Ranges = Mapping[str, tuple[float, float]]
Finals = tuple[Tensor, ...] | None  # None: its states are others, or in other units
Results = Callable[[SimpleNamespace, Sequence[Tensor], Sequence[Tensor]], tuple[Tensor, Finals]]
PAPER, UNSTABILISED = "paper", "unstabilised"


@dataclass(frozen=True)
class Counterpart:
    """Something independent of a spec that computes its cell, or is known not to.

    Attributes:
        name: What tables call it.
        results: Outputs and last states of a sequence, from the paper's parameters, inputs and first states.
        single: Whether it has float32 and values alone.
        differs: What it computes instead of the paper's equations; then it must not agree.

    """

    name: str
    results: Results
    single: bool = False
    differs: str | None = None


@dataclass(frozen=True)
class Row:
    """A cell's counterparts, and how the paper's names are made of its spec's.

    Attributes:
        step: The paper's equations, transcribed.
        states: The spec's names of the states, in the order of the step's arguments.
        parameters: The paper's parameters, from the spec's.
        others: Counterparts beside the transcription.
        inputs: The spec's names of the inputs, in the order of the step's arguments.
        constants: The spec's names of constants, with the paper's values.
        ranges: Where arguments of the spec lie that cannot be just any.

    """

    step: Step
    states: str
    parameters: Mapping[str, Source]
    others: tuple[Counterpart, ...] = ()
    inputs: str = "x"
    constants: Mapping[str, float] = field(default_factory=dict)
    ranges: Ranges = field(default_factory=dict)

    @property
    def counterparts(self) -> tuple[Counterpart, ...]:
        """All of them, the transcription first."""
        return Counterpart(PAPER, lambda p, inputs, states: run(self.step, p, inputs, states)), *self.others

    def evaluated(
        self, counterpart: Counterpart, at: At, constants: Mapping[str, float] | None = None
    ) -> dict[str, Tensor]:
        """A counterpart's results under the names of the spec: `output`, and `h.next` where it has the states.

        Args:
            counterpart: One of the row's.
            at: The spec's parameters, inputs and first states.
            constants: Those that have not the paper's values.

        """
        p = SimpleNamespace(**{name: source(at) for name, source in self.parameters.items()})
        vars(p).update(self.constants, **(constants or {}))
        states = self.states.split()
        inputs, first = ([at[name] for name in names] for names in (self.inputs.split(), states))
        ys, finals = counterpart.results(p, inputs, first)
        if finals is None:
            return {"output": ys}
        return {"output": ys} | {f"{name}.next": value for name, value in zip(states, finals, strict=True)}
